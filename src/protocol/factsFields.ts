import type { DeliveredFacts } from '../core/delivery.js';
import type { Member } from '../core/member.js';
import { limits } from './limits.js';
import { isAddress } from './memberJson.js';
import {
  countOf,
  dotFields,
  dotsOf,
  listOf,
  replicaOf,
  vectorFields,
  vectorOf,
  type Refuse,
} from './recordFields.js';

/** The facts of a state as they stand in a record: [clock, timestamp, live keys, conflicted keys, members]. */
export function factsFields(facts: DeliveredFacts): unknown[] {
  const { clock, timestamp, liveKeys, conflictedKeys, members } = facts;
  return [vectorFields(clock), timestamp, liveKeys, conflictedKeys, members.map(memberFields)];
}

/** Reads what `factsFields` gives. */
export function factsOf(input: unknown, refuse: Refuse): DeliveredFacts {
  const fields = listOf(input, 5, refuse);
  if (fields.length !== 5) throw refuse('the facts are incomplete');
  const [clock, timestamp, liveKeys, conflictedKeys, members] = fields;
  return {
    clock: vectorOf(clock, refuse),
    timestamp: countOf(timestamp, 0, refuse),
    liveKeys: countOf(liveKeys, 0, refuse),
    conflictedKeys: countOf(conflictedKeys, 0, refuse),
    members: membersOf(members, refuse),
  };
}

/** [replica, address, left by, final, closed by] */
function memberFields({ replica, address, leftBy, final, closedBy }: Member): unknown[] {
  return [replica, address, leftBy && dotFields([leftBy]), final, closedBy && dotFields([closedBy])];
}

function membersOf(input: unknown, refuse: Refuse): Member[] {
  const members = listOf(input, limits.replicasEverMax, refuse).map((fields) => memberOf(fields, refuse));
  const isSorted = members.every(({ replica }, index) => replica > (members[index - 1]?.replica ?? ''));
  if (!isSorted) throw refuse('the members are not in order');
  return members;
}

function memberOf(input: unknown, refuse: Refuse): Member {
  const [replica, address, leftBy, final, closedBy] = listOf(input, 5, refuse);
  if (address !== null && !isAddress(address)) throw refuse('an address is malformed');
  return {
    replica: replicaOf(replica, refuse),
    address,
    leftBy: dotOrNull(leftBy, refuse),
    final: final === null ? null : countOf(final, 0, refuse),
    closedBy: dotOrNull(closedBy, refuse),
  };
}

function dotOrNull(input: unknown, refuse: Refuse): Member['leftBy'] {
  if (input === null) return null;
  const [dot, ...others] = dotsOf(input, refuse);
  if (dot === undefined || others.length > 0) throw refuse('a dot is no pair');
  return dot;
}
