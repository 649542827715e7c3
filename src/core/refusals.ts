import { hasCode, KvcError } from '../errors.js';
import { formatDot, type Dot } from './clock/dot.js';
import type { Condition } from './condition.js';
import type { NodeName, ReplicaId } from './ids.js';

/** What a replica answers where it does not do what it was asked. */

/**
 * What it means to a replica that a peer did not take its message, or that nobody did.
 * @param peer - who was addressed. Another replica may be there, which then speaks for itself: it names the members that it knows
 */
export function endOfMessage(
  error: unknown,
  self: ReplicaId,
  peer: ReplicaId,
): 'fenced' | 'unknown' | 'unanswered' {
  if (hasCode(error, 'KVC_E_REMOVED') && error.facts.replica === self) return 'fenced';
  if (!hasCode(error, 'KVC_E_NODE_UNKNOWN') || error.facts.node !== self) return 'unanswered';
  const { members } = error.facts;
  return Array.isArray(members) && members.includes(peer) ? 'unknown' : 'unanswered';
}

export function dataLost(self: ReplicaId, claimed: number, known: number): KvcError {
  return new KvcError(
    'KVC_E_DATA_LOST',
    `a peer holds ${self}:${claimed}, but this node has shipped its own writes only up to ${self}:${known}; it takes no ` +
      'writes, because they would bear dots that are in use. Its data was set back, so it is to start anew from its peers',
    { claimed, known },
  );
}

export function overloaded(what: string): KvcError {
  return new KvcError('KVC_E_OVERLOADED', `${what}, which is the limit; try again later or at another node`);
}

export function depsTimeout(node: NodeName, missing: readonly Dot[]): KvcError {
  const dots = missing.map(formatDot).join(', ');
  return new KvcError('KVC_E_DEPS_TIMEOUT', `${node} has not delivered ${dots}, which the session has seen`, {
    node,
    missing: missing.map(({ replica, counter }) => ({ node: replica, counter })),
  });
}

const rivalText: Readonly<Record<Condition['kind'], string>> = {
  absent: 'has a value already',
  present: 'has no value',
  seen: 'holds a version that the writer has not seen',
};

export function conditionFailed(key: string, condition: Condition): KvcError {
  const message = `${JSON.stringify(key)} ${rivalText[condition.kind]}; nothing was written`;
  return new KvcError('KVC_E_CONDITION_FAILED', message, {
    key,
  });
}

/** @param lost - writes of replicas that left, beyond the last one that anybody has */
export function depsLost(lost: readonly Dot[]): KvcError {
  const dots = lost.map(formatDot).join(', ');
  return new KvcError(
    'KVC_E_DEPS_LOST',
    `the session has seen ${dots}, which was lost with the data of its node: no other node had it. Start a new session`,
    { lost: lost.map(({ replica, counter }) => ({ node: replica, counter })) },
  );
}

/** @param durableAt - the nodes that have it so far */
export function notDurable(dot: Dot, replicas: number, durableAt: readonly NodeName[]): KvcError {
  const where = durableAt.length === 0 ? 'not durable yet' : `durable at ${durableAt.join(', ')} only`;
  return new KvcError(
    'KVC_E_NOT_DURABLE',
    `the write ${formatDot(dot)} is ${where}, while ${replicas} node${replicas === 1 ? ' was' : 's were'} asked for; it is ` +
      'not taken back, and may still become so',
    { dot: { node: dot.replica, counter: dot.counter }, replicas, durable_at: durableAt },
  );
}

export function tooManyReplicas(replicas: number, members: number): KvcError {
  return new KvcError(
    'KVC_E_STATE_CONFLICT',
    `the write is to be durable at ${replicas} nodes, but the cluster has ${members}`,
    { replicas, members },
  );
}

export function requestExpired(request: string, ageMs: number, requestIdsMs: number): KvcError {
  const when = ageMs > 0 ? 'too old' : 'of the future';
  return new KvcError(
    'KVC_E_REQUEST_EXPIRED',
    `the request id ${request.slice(0, request.lastIndexOf('.'))} is ${when}: an id is good for ${requestIdsMs} ms after the ` +
      'time that it begins with. Whether the write happened earlier cannot be told here any more; to write now, make a new id',
    { age_ms: Math.round(ageMs), good_for_ms: requestIdsMs },
  );
}

/** The node is not listened to any more. */
export function removed(replica: ReplicaId): KvcError {
  return new KvcError(
    'KVC_E_REMOVED',
    `${replica} has left the cluster: it was removed, or its node came back without its data. Nobody listens to it any more`,
    { replica },
  );
}

/** A node that has heard of no other one yet, or not for long, may have missed everything that there is to know. */
export function reachesNobody(node: NodeName): KvcError {
  return new KvcError(
    'KVC_E_NOT_READY',
    `${node} reaches no other member of the cluster now; ask another one`,
    {
      node,
    },
  );
}

export function lastMember(replica: ReplicaId): KvcError {
  const message = `${replica} is the last member of the cluster; nobody could take over its data`;
  return new KvcError('KVC_E_STATE_CONFLICT', message, { replica });
}

export function tooManyEver(replicas: number): KvcError {
  const message = `the cluster has had ${replicas} replicas, each of which is remembered; no further one is admitted. Start afresh: kvc up --fresh`;
  return new KvcError('KVC_E_STATE_CONFLICT', message, { replicas });
}

export function cannotRemoveSelf(node: NodeName): KvcError {
  const message = `${node} cannot remove itself as if it were dead; let it leave, or ask another node`;
  return new KvcError('KVC_E_STATE_CONFLICT', message, { node });
}

export function unknownMember(replica: ReplicaId | NodeName, members: readonly ReplicaId[]): KvcError {
  return new KvcError(
    'KVC_E_NODE_UNKNOWN',
    `${replica} is no member of this cluster, as far as is known here`,
    {
      node: replica,
      members,
    },
  );
}

export function dotReused(reused: Dot): KvcError {
  const dot = formatDot(reused);
  const message = `${dot} does not name this update here; a dot names one write for ever`;
  return new KvcError('KVC_E_DOT_REUSED', message, { dot });
}
