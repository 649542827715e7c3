import type { Channel } from '../../../src/load/channel.js';
import { runLoad, runSpreadLoad } from '../../load/load.js';
import { NatsChannel } from '../../load/natsChannel.js';
import { keyCount, readRequests, writeRequests } from '../../load/request.js';
import { runOwnRespLoad, writeAllRespKeys, type RespTarget, type RespWork } from '../../load/respLoad.js';
import type { Stoppable } from '../../processes/cleanup.js';
import { startNodes, type RunningProcess } from '../../processes/nodes.js';
import { etcdReads, etcdWrites, startEtcd } from '../../rivals/etcd.js';
import { natsReads, natsWrites, startNats } from '../../rivals/nats.js';
import { startRedisGroup } from '../../rivals/redis.js';
import type { LoadCase } from '../rounds.js';

export const memberCount = 3;
export const connections = 50;

/** A running cluster of whatever it is, and what is measured of it. */
export interface Contestant extends Stoppable {
  readonly cases: readonly LoadCase[];
  /** Writes every key. */
  readonly prepare: () => Promise<void>;
}

const writeAllMsMax = 120_000;

export async function startKvc(dir: string, profileDir: string | undefined): Promise<Contestant> {
  const { nodes, stop } = await startNodes({ count: memberCount, dataDir: dir, profileDir });
  const targets = nodes.map(({ respPort: port, pid }) => ({ port, pid }));
  const overHttp = spread('kvc', nodes, { reads: readRequests, writes: writeRequests });
  return {
    stop,
    cases: [...respCases('kvc', targets.slice(0, 1), targets), ...overHttp.cases],
    prepare: async () => {
      await writeAllRespKeys(targets[0]?.port ?? 0);
      await overHttp.prepare();
    },
  };
}

export async function startRedis(dir: string): Promise<Contestant> {
  const primary = await startRedisGroup(dir, 'always', memberCount - 1);
  return {
    stop: primary.stop,
    cases: respCases('Redis', [primary], [primary]),
    prepare: () => writeAllRespKeys(primary.port),
  };
}

export async function startEtcdCluster(dir: string): Promise<Contestant> {
  const members = await startEtcd(dir, memberCount);
  return {
    stop: () => stopAll(members),
    ...spread('etcd', members, { reads: etcdReads, writes: etcdWrites }),
  };
}

export async function startNatsCluster(dir: string): Promise<Contestant> {
  const servers = await startNats(dir, memberCount);
  const requests = { reads: natsReads, writes: natsWrites };
  return {
    stop: () => stopAll(servers),
    ...spread('NATS', servers, requests, (port) => NatsChannel.open(port)),
  };
}

async function stopAll(all: readonly Stoppable[]): Promise<void> {
  await Promise.all(all.map(({ stop }) => stop()));
}

/** @param writers - where those that only write are; @param all - where those are that also read */
function respCases(name: string, writers: readonly RespTarget[], all: readonly RespTarget[]): LoadCase[] {
  const of = (targets: readonly RespTarget[], what: string, work: RespWork): LoadCase => ({
    work: what,
    server: name,
    run: (_, durationMs) => runOwnRespLoad(shared(targets), work, durationMs),
  });
  return [
    of(writers, 'SET', { command: 'set', pipeline: 1 }),
    of(writers, 'SET x 16', { command: 'set', pipeline: 16 }),
    of(writers, 'SET and WAIT 1', { command: 'waited', pipeline: 1 }),
    of(all, 'half GET, half SET', { command: 'mixed', pipeline: 1 }),
    of(all, 'half GET, half SET x 16', { command: 'mixed', pipeline: 16 }),
  ];
}

interface Requests {
  readonly reads: (port: number) => Buffer[];
  readonly writes: (port: number) => Buffer[];
}

/** Clients spread over all of them, over HTTP or what `open` opens. */
function spread(
  name: string,
  servers: readonly RunningProcess[],
  { reads, writes }: Requests,
  open?: (port: number) => Promise<Channel>,
): Omit<Contestant, 'stop'> {
  const how = open === undefined ? {} : { open };
  const of = (what: string, requests: (port: number) => Buffer[]): LoadCase => {
    const targets = shared(servers).map((server) => ({ ...server, requests: requests(server.port) }));
    return {
      work: what,
      server: name,
      run: (_, durationMs) => runSpreadLoad(targets, { ...how, durationMs }),
    };
  };
  const half = (port: number) => inTurn(writes(port), reads(port));
  return {
    cases: [of('half reads, half writes', half), of('writes', writes)],
    prepare: () => writeAll(servers[0], writes, how),
  };
}

async function writeAll(
  server: RunningProcess | undefined,
  writes: (port: number) => Buffer[],
  how: { readonly open?: (port: number) => Promise<Channel> },
): Promise<void> {
  if (server === undefined) return;
  const target = { port: server.port, pid: server.pid, requests: writes(server.port), connections };
  const amount = { ...how, durationMs: writeAllMsMax, requestsMax: keyCount };
  const { answers } = await runLoad({ ...target, ...amount });
  if (answers !== keyCount) throw new Error(`${keyCount - answers} keys could not be written`);
}

/** The clients divided among the servers, as evenly as they can be. */
function shared(servers: readonly RespTarget[]): (RespTarget & { readonly connections: number })[] {
  return servers.map(({ port, pid }, index) => ({
    port,
    pid,
    connections: Math.floor((connections + servers.length - 1 - index) / servers.length),
  }));
}

/** What is written is read half a round later. */
function inTurn(writes: readonly Buffer[], reads: readonly Buffer[]): Buffer[] {
  return writes.flatMap((write, index) => [write, reads[(index + reads.length / 2) % reads.length] ?? write]);
}
