import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { anyFreePorts } from '../../src/cluster/ports.js';
import { NatsChannel, natsRequest } from '../load/natsChannel.js';
import { keyCount, keyNumber, valueOf100Bytes } from '../load/request.js';
import type { RunningProcess } from '../processes/nodes.js';
import { findInstalled, Program, startAll, type Installed } from './program.js';

const readyMsMax = 20_000;
const lookMs = 100;
const answerMsMax = 1000;
const bucket = 'bench';

export interface RunningNats extends RunningProcess {
  readonly stop: () => Promise<void>;
}

export function findNats(): Installed | undefined {
  return findInstalled('nats-server', '--version');
}

/** The servers of one cluster with JetStream, and in them a bucket of keys that all have. */
export async function startNats(dir: string, count: number): Promise<RunningNats[]> {
  const ports = await anyFreePorts(2 * count);
  const routes = ports.slice(count).map((port) => `nats://127.0.0.1:${port}`);
  const servers = await startAll(
    routes.map((route, index) => {
      const name = `nats${index + 1}`;
      return startServer(join(dir, name), name, ports[index] ?? 0, route, routes);
    }),
  );
  try {
    await createBucket(servers[0]?.port ?? 0, count);
  } catch (error) {
    await Promise.all(servers.map(({ stop }) => stop()));
    throw error;
  }
  return servers;
}

async function startServer(
  dir: string,
  name: string,
  port: number,
  route: string,
  routes: readonly string[],
): Promise<RunningNats> {
  const args = [
    ...['--addr', '127.0.0.1', '--port', String(port), '--server_name', name],
    ...['--jetstream', '--store_dir', join(dir, 'data')],
    ...['--cluster_name', 'bench', '--cluster', route, '--routes', routes.join(',')],
  ];
  const program = await Program.start('nats-server', args, dir);
  const isReady = async () => {
    const channel = await NatsChannel.open(port);
    channel.close();
    return true;
  };
  return program.whenReady(isReady, readyMsMax, { port, pid: program.pid, stop: () => program.stop() });
}

/** As clients of NATS do. Asked for until the servers have found each other and chosen who decides. */
async function createBucket(port: number, replicas: number): Promise<void> {
  const stream = {
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    max_msgs_per_subject: 1,
    discard: 'new',
    storage: 'file',
    num_replicas: replicas,
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
  };
  const request = natsRequest(`$JS.API.STREAM.CREATE.${stream.name}`, JSON.stringify(stream));
  const endMs = performance.now() + readyMsMax;
  for (;;) {
    const problem = await problemOf(port, request);
    if (problem === undefined) return;
    if (performance.now() > endMs) throw new Error(`NATS made no bucket: ${problem}`);
    await sleep(lookMs);
  }
}

/** While nobody decides, nobody answers: the connection is closed then, which counts as an answer. */
async function problemOf(port: number, request: Buffer): Promise<string | undefined> {
  const channel = await NatsChannel.open(port);
  const silence = setTimeout(() => channel.close(), answerMsMax);
  const { status, text } = await channel.ask(request);
  clearTimeout(silence);
  channel.close();
  return status === 200 ? undefined : text();
}

export function natsWrites(): Buffer[] {
  return Array.from({ length: keyCount }, (_, index) =>
    natsRequest(`$KV.${bucket}.${keyNumber(index)}`, valueOf100Bytes(index)),
  );
}

/** From any server that has the key, as clients of NATS read a bucket with replicas. */
export function natsReads(): Buffer[] {
  return Array.from({ length: keyCount }, (_, index) =>
    natsRequest(`$JS.API.DIRECT.GET.KV_${bucket}.$KV.${bucket}.${keyNumber(index)}`, ''),
  );
}
