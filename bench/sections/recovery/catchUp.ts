import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addFaults, healAll } from '../../load/faults.js';
import { burst, deliveredBy, untilLevel, withPeers, type Peer } from '../../load/peers.js';
import type { Goal } from '../../measure/report.js';
import { summarise, summariseRatios } from '../../measure/statistics.js';
import { withRelease } from '../../processes/cleanup.js';
import { startNodes } from '../../processes/nodes.js';
import { peakRssBytesOf } from '../../processes/peakRss.js';
import type { Findings, SectionOptions } from '../section.js';

interface Round {
  /** How many writes per second the other nodes took meanwhile, both together. */
  readonly acceptedPerSecond: number;
  /** From the heal on. */
  readonly caughtUpPerSecond: number;
  /** From the first update that arrives. */
  readonly arrivedPerSecond: number;
  /** How many updates the node lacked when it was linked again. */
  readonly lacked: number;
}

const rssMbMax = 400;

/** One of three nodes is cut off while the others take writes, and then linked to them again. */
export async function measureCatchUp({ quick, dataDir, profileDir }: SectionOptions): Promise<Findings> {
  const cluster = await startNodes({ count: 3, dataDir: join(dataDir, 'catch-up'), profileDir });
  return withRelease(cluster.stop, () =>
    withPeers(cluster.nodes, async (peers) => {
      const writes = quick ? 20_000 : 200_000;
      await measureRound(peers, writes / 10);
      const rounds: Round[] = [];
      for (let round = 0; round < (quick ? 2 : 3); round += 1) rounds.push(await measureRound(peers, writes));
      return findings(rounds, writes, peers);
    }),
  );
}

async function measureRound(peers: readonly Peer[], writes: number): Promise<Round> {
  const [absent, ...writers] = peers;
  if (absent === undefined) throw new Error('no node was started');
  await cutOff(absent, writers);
  const beganMs = performance.now();
  await Promise.all(writers.map((writer) => burst(writer, writes / writers.length)));
  const tookMs = performance.now() - beganMs;
  await untilLevel(writers);
  const before = await deliveredBy(absent);
  await healAll(peers);
  const healedMs = performance.now();
  const first = await firstArrival(absent, before);
  await untilLevel(peers, lookMs);
  const levelMs = performance.now();
  const lacked = (await deliveredBy(absent)) - before;
  return {
    acceptedPerSecond: (writes / tookMs) * 1000,
    caughtUpPerSecond: (lacked / (levelMs - healedMs)) * 1000,
    arrivedPerSecond: ((before + lacked - first.delivered) / (levelMs - first.atMs)) * 1000,
    lacked,
  };
}

/** When the node has more than so many updates, and how many then. */
async function firstArrival(absent: Peer, before: number): Promise<{ atMs: number; delivered: number }> {
  const endMs = performance.now() + arrivalMsMax;
  while (performance.now() < endMs) {
    const delivered = await deliveredBy(absent);
    if (delivered > before) return { atMs: performance.now(), delivered };
    await sleep(firstLookMs);
  }
  throw new Error(`nothing arrived within ${arrivalMsMax} ms after the heal`);
}

/** Seldom, for the node that is asked has something else to do. */
const lookMs = 20;
const firstLookMs = 2;
const arrivalMsMax = 60_000;

/** Both ways. */
async function cutOff(absent: Peer, others: readonly Peer[]): Promise<void> {
  await addFaults(
    absent,
    others.map(({ name }) => ({ target: name, kind: 'partition' })),
  );
  await Promise.all(others.map((other) => addFaults(other, [{ target: absent.name, kind: 'partition' }])));
}

function findings(rounds: readonly Round[], writes: number, peers: readonly Peer[]): Findings {
  const accepted = rounds.map(({ acceptedPerSecond }) => acceptedPerSecond);
  const caughtUp = rounds.map(({ caughtUpPerSecond }) => caughtUpPerSecond);
  return {
    figures: [
      {
        label: 'writes accepted by two nodes, the third cut off',
        unit: 'updates/s',
        ...summarise(accepted),
      },
      { label: 'caught up by the third, after the heal', unit: 'updates/s', ...summarise(caughtUp) },
    ],
    goals: [
      {
        label: 'caught up / accepted',
        unit: 'x',
        bound: 'at least',
        target: 0.5,
        ...summariseRatios(caughtUp, accepted),
      },
      {
        label: 'caught up, from the first update that arrives',
        unit: 'updates/s',
        bound: 'at least',
        target: 400_000,
        ...summarise(rounds.map(({ arrivedPerSecond }) => arrivedPerSecond)),
      },
      ...peers.flatMap((peer, index) => peakRss(peer, index === 0 ? 'cut off' : 'taking writes')),
    ],
    notes: [
      `catching up: ${writes} writes of 10,000 keys, over 64 connections to each of two nodes; timed from the heal on, so with the pause, up to 1 s, until a sender tries again`,
    ],
    faults: rounds.flatMap(({ lacked }) =>
      lacked === writes ? [] : [`the node that was cut off lacked ${lacked} updates instead of ${writes}`],
    ),
  };
}

function peakRss({ name, pid }: Peer, role: string): Goal[] {
  const bytes = peakRssBytesOf(pid);
  if (bytes === undefined) return [];
  const label = `peak RSS of ${name}, ${role}`;
  return [{ label, unit: 'MB', bound: 'at most', target: rssMbMax, ...summarise([bytes / 1e6]) }];
}
