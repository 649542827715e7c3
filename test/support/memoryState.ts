import { formatDot, sameDot, type Dot } from '../../src/core/clock/dot.js';
import { emptyVector, raise, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { History, Keyspace, RequestTable } from '../../src/core/state.js';
import { sameUpdate, type RequestId, type Update } from '../../src/core/update.js';
import type { Versions } from '../../src/core/versions.js';

/** A keyspace that may be copied, as a checkpoint is. */
export class TestKeyspace implements Keyspace {
  readonly versions: Map<string, Versions>;

  constructor(versions: ReadonlyMap<string, Versions> = new Map()) {
    this.versions = new Map(versions);
  }

  get(key: string): Versions | undefined {
    return this.versions.get(key);
  }

  set(key: string, versions: Versions): void {
    this.versions.set(key, versions);
  }

  remove(key: string): void {
    this.versions.delete(key);
  }

  get size(): number {
    return this.versions.size;
  }

  /** The dots at a key, the winner first. */
  dotsAt(key: string): string[] {
    return (this.get(key) ?? []).map((version) => formatDot(version.dot));
  }
}

/** A request table that may be copied like the keys. */
export class TestRequests implements RequestTable {
  readonly dots: Map<RequestId, readonly Dot[]>;

  constructor(dots: ReadonlyMap<RequestId, readonly Dot[]> = new Map()) {
    this.dots = new Map(dots);
  }

  get size(): number {
    return this.dots.size;
  }

  get(request: RequestId): readonly Dot[] | undefined {
    return this.dots.get(request);
  }

  set(request: RequestId, dots: readonly Dot[]): void {
    this.dots.set(request, dots);
  }

  remove(request: RequestId): void {
    this.dots.delete(request);
  }

  oldest(before: RequestId, limit: number): { request: RequestId; dots: readonly Dot[] }[] {
    const sorted = [...this.dots].sort(([left], [right]) => (left < right ? -1 : 1));
    const older = sorted.filter(([request]) => request < before).slice(0, limit);
    return older.map(([request, dots]) => ({ request, dots }));
  }
}

/** What a history is opened with. */
interface HistoryContent {
  readonly updates: readonly Update[];
  /** Per origin, the last counter that can no longer be read back. */
  readonly start: VersionVector;
}

const emptyHistory: HistoryContent = { updates: [], start: emptyVector };

/** A history whose durable part is the test's business. Sequence numbers count from where it was opened. */
export class TestHistory implements History {
  readonly #start: Map<ReplicaId, number>;
  #updates: Update[];
  /** How many of the updates were there when it was opened; less than nothing if even later ones were dropped. */
  #openedWith: number;

  constructor({ updates, start }: HistoryContent = emptyHistory) {
    this.#updates = [...updates];
    this.#start = new Map(start);
    this.#openedWith = updates.length;
  }

  get updates(): readonly Update[] {
    return this.#updates;
  }

  get start(): VersionVector {
    return this.#start;
  }

  get appended(): number {
    return this.#updates.length - this.#openedWith;
  }

  append(update: Update): number {
    this.#updates.push(update);
    return this.appended;
  }

  conflicts(update: Update): boolean {
    const known = this.#updates.find((each) => sameDot(each.dot, update.dot));
    return known !== undefined && !sameUpdate(known, update);
  }

  /** Forgets the oldest `count` updates. */
  drop(count: number): void {
    for (const { dot } of this.#updates.slice(0, count))
      raise(this.#start, new Map([[dot.replica, dot.counter]]));
    this.#updates = this.#updates.slice(count);
    this.#openedWith -= count;
  }

  /** Updates up to here are known from elsewhere, but not by their content. */
  forget(start: VersionVector): void {
    raise(this.#start, start);
  }

  /** What a crash leaves when the disk has kept the first `sequence` updates appended since the opening. */
  durablePart(sequence: number): HistoryContent {
    return { updates: this.#updates.slice(0, this.#openedWith + sequence), start: new Map(this.#start) };
  }
}
