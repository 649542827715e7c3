import type { Dot } from '../core/clock/dot.js';
import {
  containsDot,
  counterOf,
  covers,
  formatVector,
  type VersionVector,
} from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { Update } from '../core/update.js';
import { KvcError } from '../errors.js';
import { encodeUpdateRecord } from '../protocol/updateRecord.js';
import { HeldUpdates } from './heldUpdates.js';
import { assertHeld, assertNext, beyond, countBetween } from './logClock.js';
import type { LogStats, UpdateLog } from './updateLog.js';

/** The update log of a node that keeps nothing: all in memory, and durable as soon as it is appended. */
export class MemoryUpdateLog implements UpdateLog {
  readonly #origins = new Map<ReplicaId, HeldUpdates>();
  readonly #clock = new Map<ReplicaId, number>();
  readonly #start = new Map<ReplicaId, number>();
  #clockCopy: VersionVector | undefined;
  #startCopy: VersionVector | undefined;
  #appended = 0;
  #bytes = 0;
  #closed = false;

  get clock(): VersionVector {
    return (this.#clockCopy ??= new Map(this.#clock));
  }

  get start(): VersionVector {
    return (this.#startCopy ??= new Map(this.#start));
  }

  append(update: Update): number {
    this.#assertOpen();
    assertNext(this.#clock, update);
    const { replica, counter } = update.dot;
    this.#appended += 1;
    this.#bytes += this.#heldOf(replica).push(update, this.#appended);
    this.#clock.set(replica, counter);
    this.#clockCopy = undefined;
    return this.#appended;
  }

  conflicts(update: Update): boolean {
    this.#assertOpen();
    if (!containsDot(this.#clock, update.dot) || containsDot(this.#start, update.dot)) return false;
    const known = this.#at(update.dot.replica, update.dot.counter);
    return known !== update && Buffer.compare(encodeUpdateRecord(known), encodeUpdateRecord(update)) !== 0;
  }

  async flush(): Promise<number> {
    this.#assertOpen();
    return Promise.resolve(this.#appended);
  }

  async read(origin: ReplicaId, first: number, last: number, bytesMax: number): Promise<Update[]> {
    this.#assertOpen();
    assertHeld({ start: this.#start, clock: this.#clock }, origin, first, last);
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

  async *replay(after: VersionVector): AsyncGenerator<Update, void, undefined> {
    this.#assertOpen();
    if (!covers(after, this.#start)) {
      const why = `the log begins after ${formatVector(this.#start)}, but what follows ${formatVector(after)} is asked for`;
      throw new KvcError('KVC_E_LOG_CORRUPT', why);
    }
    const entries = [...this.#origins.keys()].flatMap((origin) => this.#entriesOf(origin, after));
    entries.sort((left, right) => left.sequence - right.sequence);
    for (const { replica, counter } of entries) yield await Promise.resolve(this.#at(replica, counter));
  }

  async truncate(covered: VersionVector, keepBytes = 0): Promise<number> {
    this.#assertOpen();
    const before = this.#bytes;
    while (this.#bytes > keepBytes) {
      const origin = this.#oldestIn(covered);
      if (origin === undefined) break;
      this.#dropRun(origin, counterOf(covered, origin), keepBytes);
    }
    return Promise.resolve(before - this.#bytes);
  }

  async jump(to: VersionVector): Promise<void> {
    this.#assertOpen();
    for (const [origin, counter] of beyond(this.#clock, to)) {
      while (this.#heldOf(origin).size > 0) this.#dropFirst(origin);
      this.#start.set(origin, counter);
      this.#clock.set(origin, counter);
    }
    this.#startCopy = undefined;
    this.#clockCopy = undefined;
    return Promise.resolve();
  }

  stats(): LogStats {
    this.#assertOpen();
    return { updates: countBetween(this.#start, this.#clock), bytes: this.#bytes, segments: 0 };
  }

  /** May be called again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#origins.clear();
    return Promise.resolve();
  }

  /** The origin of the update appended first of those that `covered` contains. There are few origins, and no list of all. */
  #oldestIn(covered: VersionVector): ReplicaId | undefined {
    let oldest: ReplicaId | undefined;
    let oldestSequence = Infinity;
    for (const [origin, held] of this.#origins) {
      const sequence = held.sequenceAt(0);
      if (sequence === undefined || sequence > oldestSequence) continue;
      if (counterOf(this.#start, origin) < counterOf(covered, origin)) {
        [oldest, oldestSequence] = [origin, sequence];
      }
    }
    return oldest;
  }

  /** Of an origin whose update is the oldest, also those that were appended right behind it: looking for each takes longer. */
  #dropRun(origin: ReplicaId, last: number, keepBytes: number): void {
    const held = this.#heldOf(origin);
    let sequence: number | undefined;
    do {
      sequence = held.sequenceAt(0);
      this.#dropFirst(origin);
    } while (
      this.#bytes > keepBytes &&
      sequence !== undefined &&
      held.sequenceAt(0) === sequence + 1 &&
      counterOf(this.#start, origin) < last
    );
  }

  #dropFirst(origin: ReplicaId): void {
    this.#bytes -= this.#heldOf(origin).drop();
    this.#start.set(origin, counterOf(this.#start, origin) + 1);
    this.#startCopy = undefined;
  }

  /** The origin's updates behind `after`, each with its position in the log. */
  #entriesOf(origin: ReplicaId, after: VersionVector): (Dot & { readonly sequence: number })[] {
    const start = counterOf(this.#start, origin);
    const held = this.#heldOf(origin);
    const entries = [];
    for (let next = Math.max(0, counterOf(after, origin) - start); next < held.size; next += 1) {
      entries.push({ replica: origin, counter: start + next + 1, sequence: held.sequenceAt(next) ?? 0 });
    }
    return entries;
  }

  #heldOf(origin: ReplicaId): HeldUpdates {
    let held = this.#origins.get(origin);
    if (held === undefined) {
      held = new HeldUpdates();
      this.#origins.set(origin, held);
    }
    return held;
  }

  #at(origin: ReplicaId, counter: number): Update {
    const update = this.#origins.get(origin)?.at(counter - counterOf(this.#start, origin) - 1);
    if (update === undefined) throw new KvcError('KVC_E_INTERNAL', `the log has lost ${origin}:${counter}`);
    return update;
  }

  #assertOpen(): void {
    if (this.#closed) throw new KvcError('KVC_E_CLOSED', 'the update log is closed');
  }
}
