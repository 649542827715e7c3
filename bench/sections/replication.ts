import { join } from 'node:path';
import { runClosedLoop } from '../../src/load/closedLoop.js';
import { fillingRequests } from '../../src/load/benchRequests.js';
import { RespChannel } from '../../src/load/respChannel.js';
import { addFaults, healAll } from '../load/faults.js';
import { burst, untilLevel, withPeers, type Peer } from '../load/peers.js';
import { keyCount } from '../load/request.js';
import type { Report } from '../measure/report.js';
import { summarise } from '../measure/statistics.js';
import { withRelease } from '../processes/cleanup.js';
import { startNodes, type RunningNode } from '../processes/nodes.js';
import type { SectionOptions } from './section.js';

/** A pipeline of the burst that is to leave nodes as far behind as it can. */
const pipeline = 16;
const burstConnections = 48;
const burstMsMax = 600_000;

interface Round {
  readonly perSecond: number;
  readonly levelAfterMs: number;
  readonly shippedPerSecond: number;
  /** After a burst at all nodes. */
  readonly levelAfterBurstMs: number;
}

/** How fast one node's writes reach two others: as they are written, and after the links were held. Three durable nodes. */
export async function benchReplication({ quick, dataDir, profileDir }: SectionOptions): Promise<Report> {
  const cluster = await startNodes({ count: 3, dataDir: join(dataDir, 'replication'), profileDir });
  const atOnce = quick ? 24_000 : 600_000;
  const burstAtAll = () => burstAt(cluster.nodes, atOnce);
  return withRelease(cluster.stop, () =>
    withPeers(cluster.nodes, async (peers) => {
      const [writer] = peers;
      if (writer === undefined) throw new Error('no node was started');
      const writes = quick ? 5000 : 20_000;
      const rounds: Round[] = [];
      for (let round = -1; round < (quick ? 2 : 5); round += 1) {
        const result = await measureRound(peers, writer, writes, burstAtAll);
        if (round >= 0) rounds.push(result);
      }
      return report(rounds, writes, atOnce);
    }),
  );
}

async function measureRound(
  peers: readonly Peer[],
  writer: Peer,
  writes: number,
  burstAtAll: () => Promise<void>,
): Promise<Round> {
  const { perSecond } = await burst(writer, writes);
  const levelAfterMs = await untilLevel(peers);
  await addFaults(
    writer,
    peers.filter((peer) => peer !== writer).map(({ name }) => ({ target: name, kind: 'hold' })),
  );
  await burst(writer, writes);
  await healAll([writer]);
  const shippedMs = await untilLevel(peers);
  await burstAtAll();
  const levelAfterBurstMs = await untilLevel(peers);
  return { perSecond, levelAfterMs, shippedPerSecond: (writes / shippedMs) * 1000, levelAfterBurstMs };
}

/** So many writes over the Redis protocol, the nodes together. */
async function burstAt(nodes: readonly RunningNode[], writes: number): Promise<void> {
  const requests = Math.ceil(writes / pipeline / nodes.length);
  const targets = nodes.map(({ respPort: port }) => ({
    port,
    connections: burstConnections / nodes.length,
    nextRequest: fillingRequests({ keys: keyCount, valueBytes: 100, pipeline }),
  }));
  const { latencies } = await runClosedLoop(targets, {
    durationMs: burstMsMax,
    requestsMax: requests,
    open: (port) => RespChannel.open(port, pipeline),
  });
  if (latencies.count < requests * nodes.length) throw new Error(`not all of ${writes} writes were taken`);
}

function report(rounds: readonly Round[], writes: number, atOnce: number): Report {
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
    ],
    goals: [
      {
        label: 'shipped to both peers at once, after a hold',
        unit: 'updates/s',
        bound: 'at least',
        target: 400_000,
        ...each(({ shippedPerSecond }) => shippedPerSecond),
      },
      {
        label: `all level after a burst of ${atOnce.toLocaleString('en-US')} writes at all nodes`,
        unit: 'ms',
        bound: 'at most',
        target: 10,
        ...each(({ levelAfterBurstMs }) => levelAfterBurstMs),
      },
    ],
    notes: [
      `burst at all nodes: over the Redis protocol in pipelines of ${pipeline}, from the last acknowledgement until all have delivered the same`,
      'all processes share the processors of this machine: the rates are of the whole, not of one node',
    ],
    faults: [],
  };
}
