import { KvcError } from '../errors.js';
import { formatDot, type Dot } from './clock/dot.js';
import type { NodeName, ReplicaId } from './ids.js';

/** What a replica answers where it does not do what it was asked. */

export function dataLost(self: ReplicaId, claimed: number, known: number): KvcError {
  return new KvcError(
    'KVC_E_DATA_LOST',
    `a peer holds ${self}:${claimed}, but this node has shipped its own writes only up to ${self}:${known}; it takes no ` +
      'writes, because they would bear dots that are in use. Start the cluster afresh: kvc up --fresh',
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

export function unknownMember(replica: ReplicaId, members: readonly ReplicaId[]): KvcError {
  return new KvcError('KVC_E_NODE_UNKNOWN', `${replica} is no member of this cluster`, {
    node: replica,
    members,
  });
}

export function dotReused(reused: Dot): KvcError {
  const dot = formatDot(reused);
  const message = `${dot} does not name this update here; a dot names one write for ever`;
  return new KvcError('KVC_E_DOT_REUSED', message, { dot });
}
