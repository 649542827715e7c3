import type { Dot } from '../core/clock/dot.js';
import { mergeVectors } from '../core/clock/versionVector.js';
import { outlineOf } from '../core/contents.js';
import { mergeMembers } from '../core/member.js';
import { mergeVersions } from '../core/mergeVersions.js';
import type { RequestTable } from '../core/state.js';
import type { Version, Versions } from '../core/versions.js';
import type { Checkpoint } from './keyStore.js';

/**
 * Joins keys one by one, and counts what the joined facts say of them. Every key of either state must pass through `join`,
 * also one that only the store has: the other state may have replaced or collected what it holds.
 */
export class KeyJoin {
  readonly #local: Checkpoint;
  readonly #staged: Checkpoint;
  readonly #requests: Pick<RequestTable, 'get'>;
  #liveKeys = 0;
  #conflictedKeys = 0;

  /** @param requests - already joined */
  constructor(local: Checkpoint, staged: Checkpoint, requests: Pick<RequestTable, 'get'>) {
    this.#local = local;
    this.#staged = staged;
    this.#requests = requests;
  }

  /** See `mergeVersions`. */
  join(local: Versions | undefined, staged: Versions | undefined): Versions | undefined {
    const joined = mergeVersions(local, this.#local.clock, staged, this.#staged.clock, (version) =>
      this.#dotsOf(version),
    );
    const { type, count } = outlineOf(joined ?? []);
    if (type !== undefined) this.#liveKeys += 1;
    if (count > 1) this.#conflictedKeys += 1;
    return joined;
  }

  /** The joined facts, once all keys have been joined. */
  checkpoint(): Checkpoint {
    return {
      clock: mergeVectors(this.#local.clock, this.#staged.clock),
      timestamp: Math.max(this.#local.timestamp, this.#staged.timestamp),
      liveKeys: this.#liveKeys,
      conflictedKeys: this.#conflictedKeys,
      members: mergeMembers(this.#local.members, this.#staged.members),
    };
  }

  #dotsOf({ dot, aliases, request }: Version): readonly Dot[] {
    const twins = request === undefined ? undefined : this.#requests.get(request);
    if (aliases === undefined && twins === undefined) return [dot];
    return [dot, ...(aliases ?? []), ...(twins ?? [])];
  }
}
