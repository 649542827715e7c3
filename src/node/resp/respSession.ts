import type { Dot } from '../../core/clock/dot.js';
import { mergeVectors, withDot, type VersionVector } from '../../core/clock/versionVector.js';
import type { Replica } from '../../core/replica.js';
import { observedDots, type Versions } from '../../core/versions.js';

/**
 * What one connection has observed. What it writes depends on exactly that; its node has all of it, unless it was told of
 * more by a token.
 */
export class RespSession {
  #observed: VersionVector = new Map();
  /** The dot of the last write of the connection. */
  lastWrite: Dot | undefined;

  get context(): VersionVector {
    return this.#observed;
  }

  observe(dot: Dot, replica: Pick<Replica, 'isShed'>): void {
    // Every node has all updates of such a replica: a vector that names it would only grow.
    if (!replica.isShed(dot.replica)) this.#observed = withDot(this.#observed, dot);
  }

  observeAll(versions: Versions, replica: Pick<Replica, 'isShed'>): void {
    for (const version of versions) for (const dot of observedDots(version)) this.observe(dot, replica);
  }

  advance(context: VersionVector): void {
    this.#observed = mergeVectors(this.#observed, context);
  }
}
