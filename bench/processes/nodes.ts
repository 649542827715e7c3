import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { anyFreePorts } from '../../src/cluster/ports.js';
import type { NodeName } from '../../src/core/ids.js';
import type { NodeAddress, NodeConfig } from '../../src/protocol/nodeMessages.js';
import { NodeChild } from './nodeChild.js';

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

export interface RunningNode extends RunningProcess {
  readonly name: string;
  /** Where it speaks the Redis protocol. */
  readonly respPort: number;
}

export interface RunningNodes {
  readonly nodes: readonly RunningNode[];
  /** Ends a node, deletes its data and starts it again; resolves when it serves, with all that a peer has. */
  readonly restartWithoutData: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const startMsMax = 10_000;
const loadMsMax = 300_000;

/** Starts the node processes of a cluster without a supervisor, each ready when this resolves. */
export async function startNodes(options: NodesOptions): Promise<RunningNodes> {
  const ports = await anyFreePorts(2 * options.count);
  const members = ports
    .slice(0, options.count)
    .map((port, index) => ({ name: `node${index + 1}` as NodeName, port }));
  const children = members.map(
    ({ name, port }, index) =>
      new NodeChild(name, { http: port, resp: ports[options.count + index] ?? 0 }, options.profileDir),
  );
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
  };
  const start = (child: NodeChild, hasServed: boolean, msMax: number) =>
    child.start(configOf(child, members, options.dataDir, hasServed), msMax);
  try {
    await Promise.all(children.map((child) => start(child, false, startMsMax)));
  } catch (error) {
    await stop();
    throw error;
  }
  const restartWithoutData = async (name: string) => {
    const child = children.find((each) => each.name === name);
    if (child === undefined) throw new RangeError(`there is no ${name}`);
    await child.stop();
    if (options.dataDir !== null) await rm(join(options.dataDir, name), { recursive: true });
    await start(child, true, loadMsMax);
  };
  return { nodes: children, restartWithoutData, stop };
}

function configOf(
  { name, instance, respPort }: NodeChild,
  members: readonly NodeAddress[],
  dataDir: string | null,
  hasServed: boolean,
): NodeConfig {
  return {
    clusterId: 'bench',
    clusterName: 'bench',
    self: name,
    instance,
    members,
    respPort,
    founders: members.map((member) => member.name),
    dataDir: dataDir === null ? null : join(dataDir, name),
    hasServed,
    delivery: 'causal',
    limits: {},
    faults: [],
  };
}
