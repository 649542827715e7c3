import type { VersionVector } from '../../core/clock/versionVector.js';
import { indexSegment } from './indexSegment.js';
import { readSegment, readSegmentSync, type Segment } from './segment.js';
import type { SegmentIndex } from './segmentIndex.js';

const indexesMax = 4;

/** The indexes of sealed segments, made on demand; those used last are kept. */
export class SealedIndexes {
  /** By segment number, the least recently used first. */
  readonly #kept = new Map<number, SegmentIndex>();
  /** So that peers that read the same old segment at once have it read from disk once. */
  readonly #loading = new Map<number, Promise<SegmentIndex>>();

  /** @param end What the log holds at the end of the segment. */
  async load(segment: Segment, end: VersionVector): Promise<SegmentIndex> {
    return this.#use(segment) ?? this.#loading.get(segment.number) ?? this.#load(segment, end);
  }

  loadSync(segment: Segment, end: VersionVector): SegmentIndex {
    return this.#use(segment) ?? this.keep(segment, indexSegment(readSegmentSync(segment), segment, end));
  }

  keep(segment: Segment, index: SegmentIndex): SegmentIndex {
    this.#kept.delete(segment.number);
    this.#kept.set(segment.number, index);
    for (const number of this.#kept.keys()) {
      if (this.#kept.size <= indexesMax) break;
      this.#kept.delete(number);
    }
    return index;
  }

  drop(segment: Segment): void {
    this.#kept.delete(segment.number);
  }

  #use(segment: Segment): SegmentIndex | undefined {
    const index = this.#kept.get(segment.number);
    return index && this.keep(segment, index);
  }

  #load(segment: Segment, end: VersionVector): Promise<SegmentIndex> {
    const loading = readSegment(segment)
      .then((bytes) => {
        const index = indexSegment(bytes, segment, end);
        return segment.isDropped ? index : this.keep(segment, index);
      })
      .finally(() => this.#loading.delete(segment.number));
    this.#loading.set(segment.number, loading);
    return loading;
  }
}
