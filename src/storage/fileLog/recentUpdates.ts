import type { Dot } from '../../core/clock/dot.js';
import type { ReplicaId } from '../../core/ids.js';
import type { Update } from '../../core/update.js';
import { Fifo } from '../../core/fifo.js';

export interface RecentUpdate {
  readonly update: Update;
  /** Position in the log, rising by one. */
  readonly sequence: number;
  /** Bytes of its record. */
  readonly length: number;
  /** Checksum of its record. */
  readonly checksum: number;
}

/** What an update costs in memory beyond its bytes, roughly. */
const overheadBytes = 256;

/**
 * The updates appended last, so that shipping them reads no disk. Those that are not durable yet always stay, for they are
 * nowhere else; of the others as many as fit into `bytesMax`.
 */
export class RecentUpdates {
  readonly #bytesMax: number;
  readonly #all = new Fifo<RecentUpdate>();
  /** The same updates. Dropping the oldest first leaves each origin a run of counters without gaps. */
  readonly #byOrigin = new Map<ReplicaId, Fifo<RecentUpdate>>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  add(recent: RecentUpdate): void {
    const { replica } = recent.update.dot;
    let origin = this.#byOrigin.get(replica);
    if (origin === undefined) {
      origin = new Fifo();
      this.#byOrigin.set(replica, origin);
    }
    origin.push(recent);
    this.#all.push(recent);
    this.#bytes += recent.length + overheadBytes;
  }

  find(dot: Dot): RecentUpdate | undefined {
    const origin = this.#byOrigin.get(dot.replica);
    const first = origin?.at(0);
    return first && origin?.at(dot.counter - first.update.dot.counter);
  }

  /** To be called only when all are durable. */
  clear(): void {
    this.#all.take(this.#all.size);
    this.#byOrigin.clear();
    this.#bytes = 0;
  }

  /** Drops what is too much of the updates up to `durableSequence`. */
  trim(durableSequence: number): void {
    for (let oldest = this.#all.at(0); oldest !== undefined; oldest = this.#all.at(0)) {
      if (this.#bytes <= this.#bytesMax || oldest.sequence > durableSequence) return;
      this.#all.take(1);
      this.#byOrigin.get(oldest.update.dot.replica)?.take(1);
      this.#bytes -= oldest.length + overheadBytes;
    }
  }
}
