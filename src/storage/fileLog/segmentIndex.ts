import type { Dot } from '../../core/clock/dot.js';
import { counterOf, type VersionVector } from '../../core/clock/versionVector.js';
import type { ReplicaId } from '../../core/ids.js';

/** Where a record stands in its segment file, and the checksum of the record alone. */
export interface RecordPlace {
  readonly offset: number;
  readonly length: number;
  readonly checksum: number;
}

/** Offset, length and checksum of one record: three numbers of 32 bits in one array, not an object per record. */
const numbersPerRecord = 3;

/** Finds a segment's records by dot, in memory. An origin's counters in a segment have no gaps, so a position tells all. */
export class SegmentIndex {
  readonly #start: VersionVector;
  readonly #places = new Map<ReplicaId, GrowingUint32Array>();

  constructor(start: VersionVector) {
    this.#start = start;
  }

  /** What the log holds once the indexed records are part of it. */
  end(): VersionVector {
    const end = new Map(this.#start);
    for (const replica of this.#places.keys()) end.set(replica, this.lastCounter(replica));
    return end;
  }

  /** The counter of the origin's last record up to here. */
  lastCounter(replica: ReplicaId): number {
    return counterOf(this.#start, replica) + (this.#places.get(replica)?.length ?? 0) / numbersPerRecord;
  }

  /** Adds the next record of its origin. */
  add(replica: ReplicaId, place: RecordPlace): void {
    let places = this.#places.get(replica);
    if (places === undefined) {
      places = new GrowingUint32Array();
      this.#places.set(replica, places);
    }
    places.push(place.offset, place.length, place.checksum);
  }

  find(dot: Dot): RecordPlace | undefined {
    const places = this.#places.get(dot.replica);
    const position = (dot.counter - counterOf(this.#start, dot.replica) - 1) * numbersPerRecord;
    if (places === undefined || position < 0 || position >= places.length) return undefined;
    return {
      offset: places.at(position),
      length: places.at(position + 1),
      checksum: places.at(position + 2),
    };
  }
}

class GrowingUint32Array {
  #numbers = new Uint32Array(16 * numbersPerRecord);
  length = 0;

  push(first: number, second: number, third: number): void {
    if (this.length === this.#numbers.length) this.#grow();
    this.#numbers[this.length] = first;
    this.#numbers[this.length + 1] = second;
    this.#numbers[this.length + 2] = third;
    this.length += numbersPerRecord;
  }

  at(position: number): number {
    return this.#numbers[position] ?? 0;
  }

  #grow(): void {
    const numbers = new Uint32Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
