import {
  counterOf,
  emptyVector,
  mergeVectors,
  withDot,
  type VersionVector,
} from '../../core/clock/versionVector.js';
import type { Dot } from '../../core/clock/dot.js';
import type { ReplicaId } from '../../core/ids.js';
import type { Replica } from '../../core/replica.js';
import type { Versions } from '../../core/versions.js';

/**
 * What one connection has observed. What it writes depends on exactly that; its node has all of it, unless it was told of
 * more by a token.
 */
export class RespSession {
  /** Of other replicas than the one that serves it. */
  #others: VersionVector = emptyVector;
  /** Of that one, whose updates all writes here have seen: it is counted apart, for it changes with each. */
  #self: ReplicaId | undefined;
  #own = 0;
  /** The dot of the last write of the connection. */
  lastWrite: Dot | undefined;

  /** What a write is to have seen; of the replica that makes it, it has seen all. */
  contextAt({ self }: Pick<Replica, 'self'>): VersionVector {
    this.#follow(self);
    return this.#others;
  }

  /** All of it. */
  get context(): VersionVector {
    if (this.#self === undefined || this.#own === 0) return this.#others;
    return new Map(this.#others).set(this.#self, this.#own);
  }

  observe(dot: Dot, replica: Pick<Replica, 'isShed' | 'self'>): void {
    this.#follow(replica.self);
    if (dot.replica === this.#self) this.#own = Math.max(this.#own, dot.counter);
    // Every node has all updates of a replica that is shed: a vector that names it would only grow.
    else if (!replica.isShed(dot.replica)) this.#others = withDot(this.#others, dot);
  }

  observeAll(versions: Versions, replica: Pick<Replica, 'isShed' | 'self'>): void {
    for (const version of versions) {
      this.observe(version.dot, replica);
      // As `observedDots` has it, without a list for each value that is read.
      const expiries = version.kind === undefined ? version.expiredBy : undefined;
      if (expiries !== undefined) for (const dot of expiries) this.observe(dot, replica);
    }
  }

  advance(context: VersionVector): void {
    const merged = mergeVectors(this.context, context);
    this.#self = undefined;
    this.#own = 0;
    this.#others = merged;
  }

  /** A node may become another replica. */
  #follow(self: ReplicaId): void {
    if (this.#self === self) return;
    const context = new Map(this.context);
    this.#self = self;
    this.#own = counterOf(context, self);
    context.delete(self);
    this.#others = context;
  }
}
