import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { burst, inspectOf, untilLevel, withPeers, type Peer } from '../../load/peers.js';
import { requestBytes } from '../../../src/load/requestBytes.js';
import { keyNumber, writeRequests } from '../../load/request.js';
import type { Figure } from '../../measure/report.js';
import { summarise } from '../../measure/statistics.js';
import { withRelease } from '../../processes/cleanup.js';
import { startNodes } from '../../processes/nodes.js';
import type { Findings, SectionOptions } from '../section.js';

const overwrites = 10;
const lookMs = 250;
/** What does not change for so long stays as it is: the log is shortened twice a second, and peers talk every second. */
const calmMs = 4000;
const settleMsMax = 120_000;

/** What one node has on its disk. */
interface Disk {
  readonly log: number;
  readonly storeUsed: number;
  readonly storeFile: number;
  readonly entries: number;
}

interface Stage {
  readonly name: string;
  readonly disks: readonly Disk[];
}

/** Three durable nodes: every key is written, then overwritten by one node after the other, then deleted. */
export async function measureShrinking({ quick, dataDir, profileDir }: SectionOptions): Promise<Findings> {
  const cluster = await startNodes({ count: 3, dataDir: join(dataDir, 'shrinking'), profileDir });
  return withRelease(cluster.stop, () =>
    withPeers(cluster.nodes, async (peers) => {
      const keys = quick ? 2000 : 10_000;
      const stages = await measureStages(peers, keys);
      return findings(stages, keys);
    }),
  );
}

async function measureStages(peers: readonly Peer[], keys: number): Promise<Stage[]> {
  const meanwhile: Disk[] = [];
  await writeAll(peers, 0, keys);
  const once = await settled(peers);
  for (let round = 1; round <= overwrites; round += 1) {
    await writeAll(peers, round, keys);
    meanwhile.push(...(await disksOf(peers)));
  }
  const overwritten = await settled(peers);
  await deleteAll(peers, keys);
  return [
    { name: 'written once', disks: once },
    { name: `overwritten ${overwrites} times, at the most meanwhile`, disks: meanwhile },
    { name: `overwritten ${overwrites} times, a little later`, disks: overwritten },
    { name: 'all deleted, a little later', disks: await settled(peers) },
  ];
}

/** One node after the other, and each only when it has what the one before has written: no siblings. */
async function writeAll(peers: readonly Peer[], round: number, keys: number): Promise<void> {
  const writer = at(peers, round);
  await burst(writer, keys, writeRequests(writer.port).slice(0, keys));
  await untilLevel(peers);
}

async function deleteAll(peers: readonly Peer[], keys: number): Promise<void> {
  const writer = at(peers, 0);
  const requests = Array.from({ length: keys }, (_, index) =>
    requestBytes('DELETE', writer.port, `/kv/${keyNumber(index)}`),
  );
  await burst(writer, keys, requests);
  await untilLevel(peers);
}

function at(peers: readonly Peer[], round: number): Peer {
  const peer = peers[round % peers.length];
  if (peer === undefined) throw new Error('no node was started');
  return peer;
}

/** What the nodes have when it changes no more. */
async function settled(peers: readonly Peer[]): Promise<Disk[]> {
  const endMs = performance.now() + settleMsMax;
  let disks = await disksOf(peers);
  let sinceMs = performance.now();
  while (performance.now() < sinceMs + calmMs) {
    if (performance.now() > endMs) throw new Error(`logs and stores still change after ${settleMsMax} ms`);
    await sleep(lookMs);
    const now = await disksOf(peers);
    if (JSON.stringify(now) !== JSON.stringify(disks)) sinceMs = performance.now();
    disks = now;
  }
  return disks;
}

function disksOf(peers: readonly Peer[]): Promise<Disk[]> {
  return Promise.all(
    peers.map(async (peer) => {
      const { log, store } = await inspectOf(peer);
      const { used_bytes: storeUsed, bytes: storeFile, entries } = store;
      return { log: log.bytes, storeUsed, storeFile, entries };
    }),
  );
}

function findings(stages: readonly Stage[], keys: number): Findings {
  const left = stages.at(-1)?.disks.map(({ entries }) => entries) ?? [];
  return {
    figures: stages.flatMap(figuresOf),
    goals: [],
    notes: [
      `written, overwritten, deleted: ${keys} keys of 8 bytes at three nodes, the largest of their logs and stores. A log shrinks by whole files, and keeps up to 1 MiB that nobody needs; the file of a store keeps its size, and what of it is not in use is used again`,
    ],
    faults: left.flatMap((entries) =>
      entries === 0 ? [] : [`${entries} keys were not forgotten after all were deleted`],
    ),
  };
}

function figuresOf({ name, disks }: Stage): Figure[] {
  const largest = (of: (disk: Disk) => number) => summarise([Math.max(...disks.map(of)) / 1e6]);
  return [
    { label: `${name}: log`, unit: 'MB', ...largest(({ log }) => log) },
    { label: `${name}: store, in use`, unit: 'MB', ...largest(({ storeUsed }) => storeUsed) },
    { label: `${name}: store, file`, unit: 'MB', ...largest(({ storeFile }) => storeFile) },
  ];
}
