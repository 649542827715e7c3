import * as Args from '@oclif/core/args';
import type { ControlNodeJson } from '../cluster/controlApi.js';
import { KvcError } from '../errors.js';

/** The argument that names a node. */
export const nodeArgument = () =>
  Args.string({ description: 'A node: node1, or 1 for short.', required: true, ignoreStdin: true });

/** Asks the supervisor to change the state of one node of a running cluster; returns what the node is then. */
export async function changeNode(
  cluster: string,
  text: string,
  verb: 'kill' | 'restart' | 'pause' | 'resume',
): Promise<ControlNodeJson> {
  const { openCluster } = await import('../cluster/openCluster.js');
  const handle = await openCluster(cluster);
  const { name } = handle.resolveNode(text);
  const { nodes } = await handle.control[verb](name);
  const node = nodes.find((candidate) => candidate.name === name);
  if (node !== undefined) return node;
  throw new KvcError('KVC_E_INTERNAL', `the supervisor does not know ${name}`);
}
