import { join } from 'node:path';
import { addFaults, healAll } from '../load/faults.js';
import { burst, untilLevel, withPeers, type Peer } from '../load/peers.js';
import type { Report } from '../measure/report.js';
import { summarise } from '../measure/statistics.js';
import { withRelease } from '../processes/cleanup.js';
import { startNodes } from '../processes/nodes.js';
import type { SectionOptions } from './section.js';

interface Round {
  readonly perSecond: number;
  readonly levelAfterMs: number;
  readonly shippedPerSecond: number;
}

/** How fast one node's writes reach two others: as they are written, and after the links were held. Three durable nodes. */
export async function benchReplication({ quick, dataDir, profileDir }: SectionOptions): Promise<Report> {
  const cluster = await startNodes({ count: 3, dataDir: join(dataDir, 'replication'), profileDir });
  return withRelease(cluster.stop, () =>
    withPeers(cluster.nodes, async (peers) => {
      const [writer] = peers;
      if (writer === undefined) throw new Error('no node was started');
      const writes = quick ? 5000 : 20_000;
      const rounds: Round[] = [];
      for (let round = -1; round < (quick ? 2 : 5); round += 1) {
        const result = await measureRound(peers, writer, writes);
        if (round >= 0) rounds.push(result);
      }
      return report(rounds, writes);
    }),
  );
}

async function measureRound(peers: readonly Peer[], writer: Peer, writes: number): Promise<Round> {
  const { perSecond } = await burst(writer, writes);
  const levelAfterMs = await untilLevel(peers);
  await addFaults(
    writer,
    peers.filter((peer) => peer !== writer).map(({ name }) => ({ target: name, kind: 'hold' })),
  );
  await burst(writer, writes);
  await healAll([writer]);
  const shippedMs = await untilLevel(peers);
  return { perSecond, levelAfterMs, shippedPerSecond: (writes / shippedMs) * 1000 };
}

function report(rounds: readonly Round[], writes: number): Report {
  const each = (of: (round: Round) => number) => summarise(rounds.map(of));
  return {
    name: 'replication',
    title: `three durable nodes, bursts of ${writes} writes at one of them`,
    figures: [
      { label: 'accepted while replicating', unit: 'req/s', ...each(({ perSecond }) => perSecond) },
      {
        label: 'all level after the last acknowledgement',
        unit: 'ms',
        ...each(({ levelAfterMs }) => levelAfterMs),
      },
      {
        label: 'shipped to both peers at once, after a hold',
        unit: 'updates/s',
        ...each(({ shippedPerSecond }) => shippedPerSecond),
      },
    ],
    goals: [],
    notes: [
      'all processes share the processors of this machine: the rates are of the whole, not of one node',
    ],
    faults: [],
  };
}
