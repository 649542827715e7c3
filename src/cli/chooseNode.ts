import type { ControlNodeJson, ControlStatusJson } from '../cluster/controlApi.js';
import { KvcError } from '../errors.js';

/**
 * The node that a command asks: the one named, or the first that runs. One that cannot answer is refused here, at once
 * and by its name, instead of by a timeout.
 * @throws KvcError KVC_E_NODE_DOWN or KVC_E_NODE_PAUSED
 */
export function chooseNode(status: ControlStatusJson, name: string | undefined): ControlNodeJson {
  if (name === undefined) return firstRunning(status);
  const node = status.nodes.find((each) => each.name === name);
  if (node === undefined) {
    throw new KvcError('KVC_E_NODE_UNKNOWN', `cluster "${status.cluster.name}" does not run a ${name}`);
  }
  requireRunning(node);
  return node;
}

/** @throws KvcError KVC_E_NODE_DOWN or KVC_E_NODE_PAUSED, with what to do */
export function requireRunning(node: ControlNodeJson): void {
  const { name, state, detail } = node;
  const refuse = (code: 'KVC_E_NODE_DOWN' | 'KVC_E_NODE_PAUSED', what: string, remedy: string) =>
    new KvcError(code, `${name} ${what}`, { node: name, state, try: [remedy] });
  switch (state) {
    case 'running':
      return;
    case 'paused':
      throw refuse('KVC_E_NODE_PAUSED', 'is paused', `kvc resume ${name}`);
    case 'killed':
      throw refuse('KVC_E_NODE_DOWN', 'is killed', `kvc restart ${name}`);
    case 'failed':
      throw refuse('KVC_E_NODE_DOWN', `has failed: ${detail ?? 'see its log'}`, `kvc logs ${name}`);
    case 'starting':
    case 'restarting':
      throw refuse('KVC_E_NODE_DOWN', `is ${state}${detail === null ? '' : `: ${detail}`}`, 'kvc status');
  }
}

function firstRunning(status: ControlStatusJson): ControlNodeJson {
  const running = status.nodes.find(({ state }) => state === 'running');
  if (running !== undefined) return running;
  const states = status.nodes.map(({ name, state }) => `${name} is ${state}`).join(', ');
  throw new KvcError('KVC_E_NODE_DOWN', `no node of cluster "${status.cluster.name}" runs: ${states}`, {
    try: ['kvc status'],
  });
}
