import { join } from 'node:path';
import { anyFreePorts } from '../../src/cluster/ports.js';
import { askResp } from '../../src/load/respChannel.js';
import type { RunningProcess } from '../processes/nodes.js';
import { findInstalled, Program, type Installed } from './program.js';

const readyMsMax = 10_000;

/** When Redis makes its append-only file durable; 'off': it has none. */
export type Appendfsync = 'off' | 'no' | 'everysec' | 'always';

export interface RunningRedis extends RunningProcess {
  readonly stop: () => Promise<void>;
}

export interface RunningRedisGroup extends RunningRedis {
  readonly replicas: readonly RunningProcess[];
}

export function findRedis(): Installed | undefined {
  return findInstalled('redis-server', '--version');
}

/** One Redis without snapshots, in `dir`. */
export async function startRedis(dir: string, appendfsync: Appendfsync): Promise<RunningRedis> {
  const [port = 0] = await anyFreePorts(1);
  return start(dir, port, persistence(appendfsync), async () =>
    (await askResp(port, 'PING')).includes('PONG'),
  );
}

/** A primary, which is what is told here, and replicas that have all that it has. */
export async function startRedisGroup(
  dir: string,
  appendfsync: Appendfsync,
  replicaCount: number,
): Promise<RunningRedisGroup> {
  const primary = await startRedis(join(dir, 'primary'), appendfsync);
  const members: RunningRedis[] = [primary];
  const stop = async () => {
    await Promise.all(members.map((member) => member.stop()));
  };
  try {
    for (let number = 1; number <= replicaCount; number += 1) {
      members.push(await startReplica(join(dir, `replica${number}`), appendfsync, primary.port));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...primary, replicas: members.slice(1), stop };
}

async function startReplica(dir: string, appendfsync: Appendfsync, primary: number): Promise<RunningRedis> {
  const [port = 0] = await anyFreePorts(1);
  const args = [...persistence(appendfsync), '--replicaof', '127.0.0.1', String(primary)];
  return start(dir, port, args, async () =>
    (await askResp(port, 'INFO', 'replication')).includes('master_link_status:up'),
  );
}

async function start(
  dir: string,
  port: number,
  args: readonly string[],
  isReady: () => Promise<boolean>,
): Promise<RunningRedis> {
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir];
  // A primary would wait 5 s for more replicas before it serves the first.
  const program = await Program.start(
    'redis-server',
    [...place, '--save', '', '--repl-diskless-sync-delay', '0', ...args],
    dir,
  );
  const redis = { port, pid: program.pid, stop: () => program.stop() };
  return program.whenReady(isReady, readyMsMax, redis);
}

function persistence(appendfsync: Appendfsync): string[] {
  return appendfsync === 'off'
    ? ['--appendonly', 'no']
    : ['--appendonly', 'yes', '--appendfsync', appendfsync];
}
