import type { Dot } from '../core/clock/dot.js';
import { raise, type VersionVector } from '../core/clock/versionVector.js';
import { Fifo } from '../core/fifo.js';
import type { ReplicaId } from '../core/ids.js';
import type { Holder } from './survival.js';

/** What the log of one replica has promised to keep, as its flushes said; no crash may take it. */
export class ReplicaDisk implements Holder {
  readonly self: ReplicaId;
  readonly #durable: Map<ReplicaId, number>;
  readonly #unflushed = new Fifo<{ readonly sequence: number; readonly dot: Dot }>();
  /** It was damaged: it may keep its promise, or may not. */
  isDamaged = false;

  /** @param durable - what was found on opening */
  constructor(self: ReplicaId, durable: VersionVector) {
    this.self = self;
    this.#durable = new Map(durable);
  }

  get durable(): VersionVector {
    return this.#durable;
  }

  appended(sequence: number, dot: Dot): void {
    this.#unflushed.push({ sequence, dot });
  }

  flushed(sequence: number): void {
    while ((this.#unflushed.peek()?.sequence ?? Infinity) <= sequence) {
      const entry = this.#unflushed.shift();
      if (entry !== undefined) raise(this.#durable, new Map([[entry.dot.replica, entry.dot.counter]]));
    }
  }

  /** Everything up to here is on the disk, by whatever way. */
  raise(clock: VersionVector): void {
    raise(this.#durable, clock);
  }
}
