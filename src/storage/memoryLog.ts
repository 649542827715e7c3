import {
  containsDot,
  counterOf,
  covers,
  formatVector,
  type VersionVector,
} from '../core/clock/versionVector.js';
import { Fifo } from '../core/fifo.js';
import type { ReplicaId } from '../core/ids.js';
import { contentBytes, type Update } from '../core/update.js';
import { KvcError } from '../errors.js';
import { encodeUpdateRecord } from '../protocol/updateRecord.js';
import { assertHeld, assertNext, beyond, countBetween } from './logClock.js';
import type { LogStats, UpdateLog } from './updateLog.js';

/** The updates of one origin. */
interface Held {
  readonly updates: Fifo<Update>;
  /** Of each, its position in the log. A list of its own, for it costs less than an object for each. */
  readonly sequences: Fifo<number>;
}

/** The update log of a node that keeps nothing: all in memory, and durable as soon as it is appended. */
export class MemoryUpdateLog implements UpdateLog {
  readonly #origins = new Map<ReplicaId, Held>();
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
    const held = this.#heldOf(replica);
    held.updates.push(update);
    held.sequences.push(this.#appended);
    this.#clock.set(replica, counter);
    this.#clockCopy = undefined;
    this.#bytes += approximateBytes(update);
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
    const entries = [...this.#origins].flatMap(([origin, held]) =>
      entriesFrom(held, counterOf(after, origin) - counterOf(this.#start, origin)),
    );
    entries.sort(([left], [right]) => left - right);
    for (const [, update] of entries) yield await Promise.resolve(update);
  }

  async truncate(covered: VersionVector, keepBytes = 0): Promise<number> {
    this.#assertOpen();
    const before = this.#bytes;
    while (this.#bytes > keepBytes) {
      const origin = this.#oldestIn(covered);
      if (origin === undefined) break;
      this.#dropFirst(origin);
    }
    return Promise.resolve(before - this.#bytes);
  }

  async jump(to: VersionVector): Promise<void> {
    this.#assertOpen();
    for (const [origin, counter] of beyond(this.#clock, to)) {
      while (this.#heldOf(origin).updates.size > 0) this.#dropFirst(origin);
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
    for (const [origin, { updates, sequences }] of this.#origins) {
      const first = updates.peek();
      const sequence = sequences.peek();
      if (first === undefined || sequence === undefined || sequence > oldestSequence) continue;
      if (containsDot(covered, first.dot)) [oldest, oldestSequence] = [origin, sequence];
    }
    return oldest;
  }

  #dropFirst(origin: ReplicaId): void {
    const { updates, sequences } = this.#heldOf(origin);
    const dropped = updates.shift();
    if (dropped === undefined) return;
    sequences.shift();
    this.#bytes -= approximateBytes(dropped);
    this.#start.set(origin, dropped.dot.counter);
    this.#startCopy = undefined;
  }

  #heldOf(origin: ReplicaId): Held {
    let held = this.#origins.get(origin);
    if (held === undefined) {
      held = { updates: new Fifo(), sequences: new Fifo() };
      this.#origins.set(origin, held);
    }
    return held;
  }

  #at(origin: ReplicaId, counter: number): Update {
    const update = this.#origins.get(origin)?.updates.at(counter - counterOf(this.#start, origin) - 1);
    if (update === undefined) throw new KvcError('KVC_E_INTERNAL', `the log has lost ${origin}:${counter}`);
    return update;
  }

  #assertOpen(): void {
    if (this.#closed) throw new KvcError('KVC_E_CLOSED', 'the update log is closed');
  }
}

/** What an update costs in memory beyond its keys and values, roughly. */
const overheadBytes = 256;

/** Encoding each update to know it would cost a microsecond. */
function approximateBytes({ operations }: Update): number {
  return contentBytes(operations) + overheadBytes;
}

/** The updates from `position` on, each with its sequence number. */
function entriesFrom({ updates, sequences }: Held, position: number): [number, Update][] {
  const entries: [number, Update][] = [];
  for (let next = Math.max(0, position); next < updates.size; next += 1) {
    const [sequence, update] = [sequences.at(next), updates.at(next)];
    if (sequence !== undefined && update !== undefined) entries.push([sequence, update]);
  }
  return entries;
}
