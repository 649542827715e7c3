import { containsDot, emptyVector, type VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { Update } from '../core/update.js';
import { KvcError } from '../errors.js';
import { encodeUpdateRecord } from '../protocol/updateRecord.js';
import { assertHeld, assertNext } from './logClock.js';
import type { LogStats, UpdateLog } from './updateLog.js';

/** The update log of a node that keeps nothing: all in memory, and durable as soon as it is appended. */
export class MemoryUpdateLog implements UpdateLog {
  readonly #origins = new Map<ReplicaId, Update[]>();
  readonly #clock = new Map<ReplicaId, number>();
  #clockCopy: VersionVector | undefined;
  #appended = 0;
  #bytes = 0;
  #closed = false;

  get clock(): VersionVector {
    return (this.#clockCopy ??= new Map(this.#clock));
  }

  append(update: Update): number {
    this.#assertOpen();
    assertNext(this.#clock, update);
    const { replica, counter } = update.dot;
    const updates = this.#origins.get(replica);
    if (updates === undefined) this.#origins.set(replica, [update]);
    else updates.push(update);
    this.#clock.set(replica, counter);
    this.#clockCopy = undefined;
    this.#bytes += approximateBytes(update);
    this.#appended += 1;
    return this.#appended;
  }

  conflicts(update: Update): boolean {
    this.#assertOpen();
    if (!containsDot(this.#clock, update.dot)) return false;
    const known = this.#at(update.dot.replica, update.dot.counter);
    return known !== update && Buffer.compare(encodeUpdateRecord(known), encodeUpdateRecord(update)) !== 0;
  }

  async flush(): Promise<number> {
    this.#assertOpen();
    return Promise.resolve(this.#appended);
  }

  async read(origin: ReplicaId, first: number, last: number, bytesMax: number): Promise<Update[]> {
    this.#assertOpen();
    assertHeld({ start: emptyVector, clock: this.#clock }, origin, first, last);
    const updates: Update[] = [];
    let bytes = 0;
    for (let counter = first; counter <= last; counter += 1) {
      const update = this.#at(origin, counter);
      bytes += encodeUpdateRecord(update).length;
      if (updates.length > 0 && bytes > bytesMax) break;
      updates.push(update);
    }
    return Promise.resolve(updates);
  }

  stats(): LogStats {
    this.#assertOpen();
    let updates = 0;
    for (const counter of this.#clock.values()) updates += counter;
    return { updates, bytes: this.#bytes, segments: 0 };
  }

  /** May be called again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#origins.clear();
    return Promise.resolve();
  }

  #at(origin: ReplicaId, counter: number): Update {
    const update = this.#origins.get(origin)?.[counter - 1];
    if (update === undefined) throw new KvcError('KVC_E_INTERNAL', `the log has lost ${origin}:${counter}`);
    return update;
  }

  #assertOpen(): void {
    if (this.#closed) throw new KvcError('KVC_E_CLOSED', 'the update log is closed');
  }
}

/** Of its keys and values, to which the rest of an update adds little. Encoding each to know it would cost a microsecond. */
function approximateBytes(update: Update): number {
  let bytes = 0;
  for (const operation of update.operations) {
    bytes += operation.key.length + (operation.kind === 'put' ? operation.value.length : 0);
  }
  return bytes;
}
