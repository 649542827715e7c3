import { Fifo } from '../core/fifo.js';
import { contentBytes, type Update } from '../core/update.js';
import { decodeUpdateRecord, encodeUpdateRecord } from '../protocol/updateRecord.js';

/** How many updates are put together, and how many of the newest stay as they are at least. */
const packedCount = 1024;

/** What an update costs in memory beyond its keys and values, roughly. */
const overheadBytes = 256;

/** So many updates as records, one behind the other. */
interface Packed {
  readonly records: Buffer;
  /** Of each, where its record ends, and the bytes that it counts for. */
  readonly ends: Uint32Array;
  readonly sizes: Uint32Array;
}

/**
 * The updates of one origin that a log in memory holds, the oldest first. The newest, which are about to be shipped, are kept as
 * they are; older ones as records: as objects, ten of them for each, they would take most of a node's time to be looked at by
 * the collector again and again.
 */
export class HeldUpdates {
  readonly #packed = new Fifo<Packed>();
  /** How many of the oldest in `#packed` were dropped. */
  #dropped = 0;
  readonly #recent = new Fifo<Update>();
  /** Of each, its position in the log. */
  readonly #sequences = new Fifo<number>();

  get size(): number {
    return this.#sequences.size;
  }

  /** @returns the bytes that it counts for */
  push(update: Update, sequence: number): number {
    this.#recent.push(update);
    this.#sequences.push(sequence);
    if (this.#recent.size >= 2 * packedCount) this.#packed.push(packed(this.#recent.take(packedCount)));
    return sizeOf(update);
  }

  /** The update at `position`, 0 being the oldest. */
  at(position: number): Update | undefined {
    const place = position + this.#dropped;
    const block = this.#packed.at(Math.floor(place / packedCount));
    if (block === undefined) return this.#recent.at(place - this.#packed.size * packedCount);
    return position < 0 ? undefined : unpacked(block, place % packedCount);
  }

  sequenceAt(position: number): number | undefined {
    return this.#sequences.at(position);
  }

  /** Drops the oldest. @returns the bytes that it counted for, 0 if there is none */
  drop(): number {
    this.#sequences.shift();
    const block = this.#packed.peek();
    if (block === undefined) {
      const update = this.#recent.shift();
      return update === undefined ? 0 : sizeOf(update);
    }
    const size = block.sizes[this.#dropped] ?? 0;
    this.#dropped += 1;
    if (this.#dropped === packedCount) {
      this.#packed.shift();
      this.#dropped = 0;
    }
    return size;
  }
}

function packed(updates: readonly Update[]): Packed {
  const records = updates.map(encodeUpdateRecord);
  const ends = new Uint32Array(updates.length);
  const sizes = new Uint32Array(updates.length);
  let end = 0;
  for (const [index, update] of updates.entries()) {
    ends[index] = end += records[index]?.length ?? 0;
    sizes[index] = sizeOf(update);
  }
  return { records: Buffer.concat(records), ends, sizes };
}

function unpacked({ records, ends }: Packed, place: number): Update {
  return decodeUpdateRecord(records.subarray(ends[place - 1] ?? 0, ends[place]));
}

/** Roughly: encoding each update to know it would cost half a microsecond. */
function sizeOf({ operations }: Update): number {
  return contentBytes(operations) + overheadBytes;
}
