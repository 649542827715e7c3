import { containsDot, type VersionVector } from './clock/versionVector.js';
import { outlineOf } from './contents.js';
import type { Membership } from './membership.js';
import { observedDots, type Version, type Versions } from './versions.js';

/**
 * What must hold of every key of a write at the replica that accepts it. It is judged by what that replica holds: two
 * replicas may both accept.
 */
export type Condition =
  /** The key has no value. */
  | { readonly kind: 'absent' }
  /** The key has a value. */
  | { readonly kind: 'present' }
  /** The key has no version but those that the writer has seen. */
  | { readonly kind: 'seen'; readonly context: VersionVector };

export function holds(condition: Condition, versions: Versions | undefined, membership: Membership): boolean {
  if (condition.kind !== 'seen') {
    return (outlineOf(versions ?? []).type === undefined) === (condition.kind === 'absent');
  }
  return (versions ?? []).every((version) => isSeen(version, condition.context, membership));
}

/** Of a replica whose updates all members have, no token says that it has seen them. */
function isSeen(version: Version, context: VersionVector, membership: Membership): boolean {
  const dots = [...observedDots(version), ...(version.aliases ?? [])];
  return dots.some((dot) => containsDot(context, dot) || membership.isSettled(dot.replica));
}
