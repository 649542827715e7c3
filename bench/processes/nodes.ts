import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { anyFreePorts } from '../../src/cluster/ports.js';
import type { NodeName } from '../../src/core/ids.js';
import type { NodeAddress, NodeConfig, NodeMessage } from '../../src/protocol/nodeMessages.js';
import { paths } from './paths.js';

export interface RunningProcess {
  readonly pid: number | undefined;
  readonly port: number;
}

export interface NodesOptions {
  readonly count: number;
  /** Where their data go; null: ephemeral. */
  readonly dataDir: string | null;
  /** Where to write a CPU profile of each node when it stops; undefined: nowhere. */
  readonly profileDir: string | undefined;
}

export interface RunningNodes {
  readonly nodes: readonly (RunningProcess & { readonly name: string })[];
  readonly stop: () => Promise<void>;
}

const startMsMax = 10_000;

/** Starts the node processes of a cluster without a supervisor, each ready when this resolves. */
export async function startNodes(options: NodesOptions): Promise<RunningNodes> {
  const ports = await anyFreePorts(options.count);
  const members = ports.map((port, index) => ({ name: `node${index + 1}` as NodeName, port }));
  const children = members.map((self) => forkNode(self, members, options));
  const stop = async () => {
    await Promise.all(children.map(stopNode));
  };
  try {
    await Promise.all(children.map(ready));
  } catch (error) {
    await stop();
    throw error;
  }
  const nodes = members.map(({ name, port }, index) => ({ name, port, pid: children[index]?.pid }));
  return { nodes, stop };
}

function forkNode(self: NodeAddress, members: readonly NodeAddress[], options: NodesOptions): ChildProcess {
  const { dataDir, profileDir } = options;
  const instance = `bench-${process.pid}-${self.port}`;
  const config: NodeConfig = {
    clusterId: 'bench',
    clusterName: 'bench',
    self: self.name,
    instance,
    members,
    founders: members.map(({ name }) => name),
    dataDir: dataDir === null ? null : join(dataDir, self.name),
    hasServed: false,
    delivery: 'causal',
    limits: {},
    faults: [],
  };
  const child = fork(paths.nodeMain, ['--instance', instance], {
    // The benchmark runs under tsx, whose flags a child would inherit.
    execArgv: profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.send({ kind: 'start', config });
  return child;
}

async function ready(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('a node process ended before it was ready');
  });
  const said = once(child, 'message', { signal: AbortSignal.timeout(startMsMax) });
  const [message] = (await Promise.race([said, ended])) as [NodeMessage];
  if (message.kind !== 'ready') throw new Error(`a node did not start: ${JSON.stringify(message)}`);
}

/** Asks a node to stop, and ends it if it does not within the time that it allows itself. */
async function stopNode(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const force = setTimeout(() => child.kill('SIGKILL'), startMsMax);
  if (child.connected) child.send({ kind: 'stop' });
  await ended;
  clearTimeout(force);
}
