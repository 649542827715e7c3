import type { Config } from '@oclif/core/config';
import { NodeClient } from '../../client/nodeClient.js';
import { openCluster, type ClusterHandle } from '../../cluster/openCluster.js';
import { SessionStore } from '../../cluster/sessionStore.js';
import type { CompletionSource } from './completeLine.js';
import type { ShellState } from './shellState.js';
import type { WordKind } from './shellVerbs.js';

/** Who presses Tab does not wait for a node that is slow to answer. */
const answerWithinMs = 500;
const keysMax = 100;

/** What completion may offer: the commands, and what the cluster has now. */
export function completionSource(config: Config, state: () => ShellState): CompletionSource {
  const commands = Object.fromEntries(config.commands.map((command) => [command.id, command]));
  return {
    commands,
    names: async (kind, prefix) => {
      try {
        return await namesOf(kind, prefix, state());
      } catch {
        // There is nothing to offer; the command itself will say why.
        return [];
      }
    },
  };
}

async function namesOf(kind: WordKind, prefix: string, state: ShellState): Promise<readonly string[]> {
  const cluster = await openCluster(state.cluster);
  const nodes = cluster.nodes.map(({ name }) => name);
  switch (kind) {
    case 'node':
      return nodes;
    case 'target':
      return targets(nodes, prefix);
    case 'session':
      return (await new SessionStore(cluster.dir).list()).map(({ name }) => name);
    case 'key':
      return keysOf(cluster, state.node, prefix);
  }
}

function targets(nodes: readonly string[], prefix: string): string[] {
  const source = nodes.find((name) => prefix.startsWith(`${name}:`));
  if (source === undefined) return [...nodes, 'all'];
  return nodes.filter((name) => name !== source).map((name) => `${source}:${name}`);
}

async function keysOf(cluster: ClusterHandle, node: string, prefix: string): Promise<string[]> {
  const client = new NodeClient(cluster.resolveNode(node));
  const { keys } = await client.list({ prefix, limit: keysMax, requestTimeoutMs: answerWithinMs });
  return keys.map(({ key }) => key);
}
