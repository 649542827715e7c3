import { KvcError } from '../errors.js';
import { compareDots, type Dot } from './clock/dot.js';
import type { ReplicaId } from './ids.js';

/** What is known of one replica that belongs to the cluster or once did. Plain data: it is stored with the keys. */
export interface Member {
  readonly replica: ReplicaId;
  /** Where its node listens, in the driver's notation; null for a founder, whose driver was told. */
  readonly address: string | null;
  /** The update by which it left; null while it belongs to the cluster. */
  readonly leftBy: Dot | null;
  /** How many updates it has in all; null until that is settled. */
  readonly final: number | null;
  /** The update that settled it. */
  readonly closedBy: Dot | null;
}

/**
 * What is known of a replica where two states are joined. Each fact is written once and then stays, but for the dots of
 * concurrent updates that say the same, of which the smaller is kept, so that the order of joining does not matter.
 */
export function mergeMember(left: Member, right: Member): Member {
  return {
    replica: left.replica,
    address: left.address ?? right.address,
    leftBy: smallerDot(left.leftBy, right.leftBy),
    final: sameFinal(left, right),
    closedBy: smallerDot(left.closedBy, right.closedBy),
  };
}

/** All members of both, sorted by replica id. */
export function mergeMembers(left: readonly Member[], right: readonly Member[]): Member[] {
  const merged = new Map<ReplicaId, Member>();
  for (const member of [...left, ...right]) {
    const known = merged.get(member.replica);
    merged.set(member.replica, known === undefined ? member : mergeMember(known, member));
  }
  return [...merged.values()].sort((one, other) => (one.replica < other.replica ? -1 : 1));
}

/** Whoever settles a replica counts the same, by all that the rules of `Membership` say; if not, replicas would differ for ever. */
function sameFinal(left: Member, right: Member): number | null {
  if (left.final !== null && right.final !== null && left.final !== right.final) {
    const counts = `${left.final} and ${right.final}`;
    throw new KvcError(
      'KVC_E_INTERNAL',
      `${left.replica} was settled twice, with ${counts} updates; the node that says so is to be removed and added again`,
    );
  }
  return left.final ?? right.final;
}

function smallerDot(left: Dot | null, right: Dot | null): Dot | null {
  if (left === null || right === null) return left ?? right;
  return compareDots(left, right) <= 0 ? left : right;
}
