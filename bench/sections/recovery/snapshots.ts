import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthResponseJson } from '../../../src/protocol/api.js';
import { bodyOf, Connection } from '../../../src/load/connection.js';
import { burst, inspectOf, untilSame, withPeers, type Peer } from '../../load/peers.js';
import { requestBytes } from '../../../src/load/requestBytes.js';
import { valueOf100Bytes } from '../../load/request.js';
import { copyOverLoopbackMs } from '../../measure/loopback.js';
import type { Figure } from '../../measure/report.js';
import { summarise, summariseRatios } from '../../measure/statistics.js';
import { withRelease } from '../../processes/cleanup.js';
import { startNodes, type RunningNode, type RunningNodes } from '../../processes/nodes.js';
import { peakRssBytesOf } from '../../processes/peakRss.js';
import type { Findings, SectionOptions } from '../section.js';

interface Round {
  readonly loadMs: number;
  /** From stopping the node to serving. */
  readonly restartMs: number;
  readonly copyMs: number;
  readonly sourceRssMb: number | undefined;
  readonly loaderRssMb: number | undefined;
  readonly faults: readonly string[];
}

const keysPerBatch = 100;
const lookMs = 5;
const loadMsMax = 60_000;

/** One of two nodes loses its data and takes a snapshot of the other, again and again. */
export async function measureSnapshots({ quick, dataDir, profileDir }: SectionOptions): Promise<Findings> {
  const cluster = await startNodes({ count: 2, dataDir: join(dataDir, 'snapshots'), profileDir });
  return withRelease(cluster.stop, async () => {
    const keys = quick ? 20_000 : 200_000;
    const bytes = await writeKeys(cluster, keys);
    const writtenRssMb = cluster.nodes.slice(0, 1).map(rssMbOf);
    const rounds: Round[] = [];
    for (let round = -1; round < (quick ? 2 : 5); round += 1) {
      const result = await measureRound(cluster, keys, bytes);
      // The first round is for the compiler of the node that gives the snapshots.
      if (round >= 0) rounds.push(result);
    }
    return findings(rounds, writtenRssMb, keys, bytes);
  });
}

/** @returns how many bytes of keys and values were written */
async function writeKeys({ nodes }: RunningNodes, keys: number): Promise<number> {
  const writes = Array.from({ length: keys }, (_, index) => ({
    key: `key${String(index).padStart(7, '0')}`,
    value: valueOf100Bytes(index),
  }));
  await withPeers(nodes, async (peers) => {
    const [writer] = peers;
    if (writer === undefined) throw new Error('no node was started');
    const batches = Array.from({ length: keys / keysPerBatch }, (_, batch) =>
      requestBytes('POST', writer.port, '/batch', {
        body: { writes: writes.slice(batch * keysPerBatch, (batch + 1) * keysPerBatch) },
      }),
    );
    await burst(writer, batches.length, batches);
    await untilSame(peers);
  });
  return writes.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
}

async function measureRound(cluster: RunningNodes, keys: number, bytes: number): Promise<Round> {
  const [source, loader] = cluster.nodes;
  if (source === undefined || loader === undefined) throw new Error('no two nodes were started');
  const copyMs = await copyOverLoopbackMs(Buffer.alloc(bytes, '.'));
  const beganMs = performance.now();
  const ready = cluster.restartWithoutData(loader.name).then(() => performance.now());
  const [loadingMs, readyMs] = await Promise.all([whenLoading(loader), ready]);
  const faults = await withPeers(cluster.nodes, async (peers) => {
    await untilSame(peers);
    return Promise.all(peers.slice(1).map((peer) => faultsOf(peer, keys)));
  });
  const [sourceRssMb, loaderRssMb] = [source, loader].map(rssMbOf);
  return {
    loadMs: readyMs - loadingMs,
    restartMs: readyMs - beganMs,
    copyMs,
    sourceRssMb,
    loaderRssMb,
    faults: faults.flat(),
  };
}

/** When the node, which is being started, has been admitted and begins to load. */
async function whenLoading({ port }: RunningNode): Promise<number> {
  const endMs = performance.now() + loadMsMax;
  let hasStopped = false;
  while (performance.now() < endMs) {
    const status = await statusAt(port);
    if (status !== 'ready') hasStopped = true;
    if (status === 'loading' || (hasStopped && status === 'ready')) return performance.now();
    await sleep(lookMs);
  }
  throw new Error(`the node did not begin to load within ${loadMsMax} ms`);
}

/** undefined while nothing listens there. */
async function statusAt(port: number): Promise<HealthResponseJson['status'] | undefined> {
  const connection = await Connection.open(port).catch(() => undefined);
  if (connection === undefined) return undefined;
  const answer = await connection.ask(requestBytes('GET', port, '/readyz'));
  connection.close();
  return answer.status === 0 ? undefined : (JSON.parse(bodyOf(answer)) as HealthResponseJson).status;
}

async function faultsOf(loader: Peer, keys: number): Promise<string[]> {
  const { counters, keys: found } = await inspectOf(loader);
  return [
    ...(counters.snapshots_taken === 1 ? [] : ['the node came back without a snapshot']),
    ...(found === keys ? [] : [`the node came back with ${found} keys instead of ${keys}`]),
  ];
}

function rssMbOf({ pid }: RunningNode): number | undefined {
  const bytes = peakRssBytesOf(pid);
  return bytes === undefined ? undefined : bytes / 1e6;
}

function findings(
  rounds: readonly Round[],
  writtenRssMb: readonly (number | undefined)[],
  keys: number,
  bytes: number,
): Findings {
  const mbPerSecond = (ms: number) => bytes / 1e6 / (ms / 1000);
  const loaded = rounds.map(({ loadMs }) => mbPerSecond(loadMs));
  const copied = rounds.map(({ copyMs }) => mbPerSecond(copyMs));
  const ratio = summariseRatios(
    loaded.map((rate) => 100 * rate),
    copied,
  );
  return {
    figures: [
      { label: 'snapshot of a peer, keys and values', unit: 'MB/s', ...summarise(loaded) },
      { label: 'as many bytes over a loopback socket', unit: 'MB/s', ...summarise(copied) },
      { label: 'snapshot / loopback socket', unit: '%', ...ratio },
      {
        label: 'restart of a node whose data is gone, until it serves',
        unit: 'ms',
        ...summarise(rounds.map(({ restartMs }) => restartMs)),
      },
      ...rssFigure('peak RSS of a node, when the keys are written', writtenRssMb),
      ...rssFigure(
        'peak RSS of the same, when it has given the snapshot',
        rounds.map(({ sourceRssMb }) => sourceRssMb),
      ),
      ...rssFigure(
        'peak RSS of the node that takes it',
        rounds.map(({ loaderRssMb }) => loaderRssMb),
      ),
    ],
    goals: [],
    notes: [
      `snapshot: ${keys} keys, ${(bytes / 1e6).toFixed(1)} MB of keys and values, from the admission of the node until it serves: sent in parts, staged, joined, each part durable. Over the socket nothing is done but to copy, and both ends are in one process`,
    ],
    faults: rounds.flatMap(({ faults }) => faults),
  };
}

function rssFigure(label: string, samples: readonly (number | undefined)[]): Figure[] {
  const known = samples.filter((sample) => sample !== undefined);
  return known.length === 0 ? [] : [{ label, unit: 'MB', ...summarise(known) }];
}
