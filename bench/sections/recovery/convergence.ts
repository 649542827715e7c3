import { join } from 'node:path';
import type { FaultInputJson, LinkTrafficJson } from '../../../src/protocol/faultsApi.js';
import { addFaults, healAll, linksOf } from '../../load/faults.js';
import { burst, deliveredBy, untilSame, withPeers, type Peer } from '../../load/peers.js';
import { summarise } from '../../measure/statistics.js';
import { withRelease } from '../../processes/cleanup.js';
import { startNodes } from '../../processes/nodes.js';
import type { Findings, SectionOptions } from '../section.js';

interface Round {
  /** At the heal, of all nodes together. */
  readonly lacked: number;
  readonly sameAfterMs: number;
}

const nodeCount = 3;

/** Every link loses, repeats and reorders messages, all nodes take writes, and then the links are healed. */
export async function measureConvergence({ quick, dataDir, profileDir }: SectionOptions): Promise<Findings> {
  const cluster = await startNodes({ count: nodeCount, dataDir: join(dataDir, 'convergence'), profileDir });
  return withRelease(cluster.stop, () =>
    withPeers(cluster.nodes, async (peers) => {
      const writes = quick ? 6000 : 30_000;
      const rounds: Round[] = [];
      for (let round = -1; round < (quick ? 3 : 7); round += 1) {
        const result = await measureRound(peers, writes);
        if (round >= 0) rounds.push(result);
      }
      const links = await linksOf(peers);
      return findings(rounds, writes, links);
    }),
  );
}

async function measureRound(peers: readonly Peer[], writes: number): Promise<Round> {
  await untilSame(peers);
  const before = await deliveredBy(peers[0] ?? noPeer());
  await Promise.all(peers.map((peer) => addFaults(peer, faultsOf(peer, peers))));
  await Promise.all(peers.map((peer) => burst(peer, writes / peers.length)));
  const delivered = await Promise.all(peers.map(deliveredBy));
  await healAll(peers);
  const sameAfterMs = await untilSame(peers);
  const lacked = delivered.reduce((sum, count) => sum + (before + writes - count), 0);
  return { lacked, sameAfterMs };
}

/** On the links from this node to all others. */
function faultsOf(peer: Peer, peers: readonly Peer[]): FaultInputJson[] {
  return peers
    .filter((other) => other !== peer)
    .flatMap(({ name: target }): FaultInputJson[] => [
      { target, kind: 'drop', percent: 30 },
      { target, kind: 'duplicate', percent: 30 },
      { target, kind: 'reorder', percent: 30 },
      { target, kind: 'delay', delay_ms: 100, jitter_ms: 100 },
    ]);
}

function findings(rounds: readonly Round[], writes: number, links: readonly LinkTrafficJson[]): Findings {
  const totals = (['messages', 'dropped', 'duplicated', 'reordered'] as const).map(
    (what) => [what, links.reduce((sum, link) => sum + link[what], 0)] as const,
  );
  const lacked = summarise(rounds.map((round) => round.lacked)).median;
  const text = totals.map(([what, count]) => `${count} ${what}`).join(', ');
  return {
    figures: [],
    goals: [
      {
        label: 'all digests equal, after the heal of lossy links',
        unit: 'ms',
        bound: 'at most',
        target: 5000,
        ...summarise(rounds.map(({ sameAfterMs }) => sameAfterMs)),
      },
    ],
    notes: [
      `lossy links: 30 % of the messages of every link lost, 30 % repeated, 30 % reordered, each 0 to 200 ms late, while ${nodeCount} nodes took ${writes} writes; at the heal the nodes lacked ${lacked} deliveries. The links in all: ${text}`,
    ],
    faults: totals.flatMap(([what, count]) => (count > 0 ? [] : [`no message was ${what}`])),
  };
}

function noPeer(): never {
  throw new Error('no node was started');
}
