import type { Dot } from '../../core/clock/dot.js';
import { counterOf, mergeVectors, type VersionVector } from '../../core/clock/versionVector.js';
import { beyond } from '../logClock.js';
import type { ActiveSegment } from './activeSegment.js';
import { SealedIndexes } from './sealedIndexes.js';
import type { Segment } from './segment.js';
import type { SegmentIndex } from './segmentIndex.js';

/** The segments of a log in order, sealed ones and the active one, and their indexes. */
export class SegmentChain {
  readonly #sealed: Segment[];
  readonly #indexes = new SealedIndexes();
  #sealedBytes: number;
  #active: ActiveSegment;
  #start: VersionVector;

  constructor(sealed: readonly Segment[], active: ActiveSegment) {
    this.#sealed = [...sealed];
    this.#sealedBytes = sealed.reduce((sum, segment) => sum + segment.bytes, 0);
    this.#active = active;
    const first = sealed[0] ?? active.segment;
    this.#start = this.all.reduce(
      (start, { before, start: end }) => mergeVectors(start, beyond(before, end)),
      first.start,
    );
  }

  get active(): ActiveSegment {
    return this.#active;
  }

  get all(): Segment[] {
    return [...this.#sealed, this.#active.segment];
  }

  /** What can no longer be read: all that came before the first segment, and per origin what came before its last jump. */
  get start(): VersionVector {
    return this.#start;
  }

  get bytes(): number {
    return this.#sealedBytes + this.#active.segment.bytes;
  }

  get segments(): number {
    return this.#sealed.length + 1;
  }

  /** Seals the active segment and goes on with `next`. */
  advance(next: ActiveSegment): void {
    const { segment, index } = this.#active;
    this.#sealed.push(segment);
    this.#sealedBytes += segment.bytes;
    this.#indexes.keep(segment, index);
    this.#active = next;
    this.#start = mergeVectors(this.#start, beyond(next.segment.before, next.segment.start));
  }

  /** What the log holds at the end of its first sealed segment; undefined if there is none. */
  get firstEnd(): VersionVector | undefined {
    return this.#sealed[0] && this.endOf(this.#sealed[0]);
  }

  /** Takes the first sealed segment out of the log; whoever is reading it finds out by `isDropped`. Undefined if there is none. */
  dropFirst(): Segment | undefined {
    const dropped = this.#sealed.shift();
    if (dropped === undefined) return undefined;
    dropped.isDropped = true;
    this.#sealedBytes -= dropped.bytes;
    this.#indexes.drop(dropped);
    this.#start = mergeVectors(this.#start, (this.#sealed[0] ?? this.#active.segment).start);
    return dropped;
  }

  /** The segment in which the dot stands, if the log can read it back at all. */
  holding({ replica, counter }: Dot): Segment | undefined {
    const begins = ({ start }: Segment): boolean => counterOf(start, replica) < counter;
    return begins(this.#active.segment) ? this.#active.segment : this.#sealed.findLast(begins);
  }

  /** What the log holds at the end of a sealed segment; undefined for the active one. */
  endOf(segment: Segment): VersionVector | undefined {
    if (segment === this.#active.segment) return undefined;
    return (this.#sealed[this.#sealed.indexOf(segment) + 1] ?? this.#active.segment).before;
  }

  async index(segment: Segment): Promise<SegmentIndex> {
    const end = this.endOf(segment);
    return end === undefined ? this.#active.index : this.#indexes.load(segment, end);
  }

  indexSync(segment: Segment): SegmentIndex {
    const end = this.endOf(segment);
    return end === undefined ? this.#active.index : this.#indexes.loadSync(segment, end);
  }
}
