import { emptyVector, type VersionVector } from '../../core/clock/versionVector.js';
import type { ReplicaId } from '../../core/ids.js';

/** Origins whose updates may stand in relation to earlier ones at a time; mostly a link ships those of one or two. */
const originsMax = 128;

/**
 * Per origin the dependencies of its last update on a connection, which the next one is written in relation to. Both ends keep
 * the same, and so they forget at the same time.
 */
export class DependencyBases {
  readonly #bases = new Map<ReplicaId, VersionVector>();

  of(origin: ReplicaId): VersionVector {
    return this.#bases.get(origin) ?? emptyVector;
  }

  set(origin: ReplicaId, dependencies: VersionVector): void {
    if (this.#bases.size >= originsMax && !this.#bases.has(origin)) this.#bases.clear();
    this.#bases.set(origin, dependencies);
  }
}
