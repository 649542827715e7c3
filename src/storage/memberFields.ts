import type { Dot } from '../core/clock/dot.js';
import type { Member } from '../core/member.js';
import { isAddress } from '../protocol/memberJson.js';
import { isReplicaId } from '../protocol/names.js';

/** A member as it stands in a stored MessagePack array: [replica, address, left by, final, closed by], dots as pairs. */
export function memberFields({ replica, address, leftBy, final, closedBy }: Member): unknown[] {
  return [replica, address, dotFields(leftBy), final, dotFields(closedBy)];
}

/** Undefined if `input` is not a list of what `memberFields` gives. */
export function membersOf(input: unknown): Member[] | undefined {
  if (!Array.isArray(input)) return undefined;
  const members: Member[] = [];
  for (const fields of input as unknown[]) {
    const member = Array.isArray(fields) ? memberOf(fields) : undefined;
    if (member === undefined) return undefined;
    members.push(member);
  }
  return members;
}

function memberOf([replica, address, leftBy, final, closedBy]: unknown[]): Member | undefined {
  const isValid =
    isReplicaId(replica) &&
    (address === null || isAddress(address)) &&
    isDotOrNull(leftBy) &&
    (final === null || isCounter(final, 0)) &&
    isDotOrNull(closedBy);
  if (!isValid) return undefined;
  return { replica, address, leftBy: dotOf(leftBy), final, closedBy: dotOf(closedBy) };
}

type DotFields = readonly [Dot['replica'], number];

function dotFields(dot: Dot | null): DotFields | null {
  return dot && [dot.replica, dot.counter];
}

function dotOf(fields: DotFields | null): Dot | null {
  return fields && { replica: fields[0], counter: fields[1] };
}

function isDotOrNull(input: unknown): input is DotFields | null {
  if (input === null) return true;
  return Array.isArray(input) && input.length === 2 && isReplicaId(input[0]) && isCounter(input[1], 1);
}

function isCounter(input: unknown, min: number): input is number {
  return typeof input === 'number' && Number.isSafeInteger(input) && input >= min;
}
