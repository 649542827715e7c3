import type { NodeName } from '../core/ids.js';
import { KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { ManagedNode } from './managedNode.js';
import type { Roster } from './roster.js';
import { supervisorName } from './supervisorLog.js';

type Listed = Pick<Roster, 'file' | 'nodes' | 'node'>;

/** Names that commands take for something else. */
const reservedNames: readonly string[] = [supervisorName, 'all'];

/**
 * Whether a node may be added, under this name if one is wanted.
 * @throws KvcError KVC_E_STATE_CONFLICT, KVC_E_BAD_REQUEST
 */
export function requireRoom({ file, nodes }: Listed, wanted: NodeName | undefined): void {
  if (nodes.length >= limits.nodesMax) {
    throw conflict(
      `cluster "${file.name}" has ${nodes.length} nodes already, which is the most there may be`,
    );
  }
  if (wanted !== undefined && reservedNames.includes(wanted)) {
    throw new KvcError(
      'KVC_E_BAD_REQUEST',
      `no node can be named ${wanted}: commands mean something else by it`,
    );
  }
  if (nodes.some(({ name }) => name === wanted)) {
    throw conflict(`cluster "${file.name}" has a ${String(wanted)} already`, ['another name', 'kvc status']);
  }
  if (nodes.every(({ state }) => state !== 'running')) {
    throw conflict('no node runs that a new one could join', nodes.map(revive));
  }
}

/**
 * The node, if it can be removed in this way.
 * @throws KvcError KVC_E_NODE_UNKNOWN, KVC_E_STATE_CONFLICT
 */
export function removable(roster: Listed, name: string, force: boolean): ManagedNode {
  const node = roster.node(name);
  const others = roster.nodes.filter((other) => other !== node);
  if (others.length === 0) {
    const remedies = ['kvc down --purge, which deletes the cluster'];
    throw conflict(
      `${name} is the only node of cluster "${roster.file.name}" and cannot be removed`,
      remedies,
    );
  }
  if (others.every(({ state }) => state !== 'running')) {
    throw conflict(`${name} cannot be removed while no other node runs`, others.map(revive));
  }
  if (!force && node.state !== 'running') {
    const remedies = [revive(node), lossNote(name)];
    throw conflict(`${name} is ${node.state}, so it cannot hand its data on`, remedies);
  }
  return node;
}

/** What `--force` means, where it is offered. */
export function lossNote(name: string): string {
  return `kvc remove ${name} --force (writes that only ${name} has are lost)`;
}

function revive({ name, state }: ManagedNode): string {
  return state === 'paused' ? `kvc resume ${name}` : `kvc restart ${name}`;
}

function conflict(message: string, remedies: readonly string[] = []): KvcError {
  return new KvcError('KVC_E_STATE_CONFLICT', message, remedies.length > 0 ? { try: remedies } : {});
}
