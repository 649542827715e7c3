import { join } from 'node:path';
import { burst, untilLevel, withPeers, type Peer } from '../load/peers.js';
import { keyCount } from '../load/request.js';
import type { Figure, Goal, Report } from '../measure/report.js';
import { ascending, percentile, summarise } from '../measure/statistics.js';
import { withRelease } from '../processes/cleanup.js';
import { startNodes } from '../processes/nodes.js';
import type { SectionOptions } from './section.js';
import { peakOf, writeFor, type Samples } from './visibility/writeFor.js';

/** As little as still gives enough samples for a p99. */
const idlePerSecond = 100;
const shareOfPeak = 0.3;
/** Enough to tell, few enough not to be the load. */
const lookedAtPerSecond = 100;

interface Round {
  readonly idle: Samples;
  readonly busy: Samples;
}

/** From acknowledged at one node to readable at the others: three durable nodes, writes at all of them in turn. */
export async function benchVisibility({ quick, dataDir, profileDir }: SectionOptions): Promise<Report> {
  const cluster = await startNodes({ count: 3, dataDir: join(dataDir, 'visibility'), profileDir });
  return withRelease(cluster.stop, () =>
    withPeers(cluster.nodes, async (members) => {
      const roundMs = quick ? 1000 : 4000;
      // So that a poll finds an older value until it finds the one that it looks for.
      await Promise.all(members.slice(0, 1).map((first) => burst(first, keyCount)));
      await untilLevel(members);
      // The first is for the compilers of all the processes.
      await peakOf(members, roundMs / 2);
      const peak = await peakOf(members, roundMs);
      const rounds: Round[] = [];
      for (let round = 0; round < (quick ? 3 : 5); round += 1) {
        rounds.push(await measureRound(members, peak * shareOfPeak, roundMs));
      }
      return report(rounds, peak);
    }),
  );
}

async function measureRound(
  members: readonly Peer[],
  busyPerSecond: number,
  durationMs: number,
): Promise<Round> {
  await untilLevel(members);
  const idle = await writeFor(members, { durationMs, perSecond: idlePerSecond, lookedAtEvery: 1 });
  const lookedAtEvery = Math.max(1, Math.round(busyPerSecond / lookedAtPerSecond));
  const busy = await writeFor(members, { durationMs, perSecond: busyPerSecond, lookedAtEvery });
  return { idle, busy };
}

function report(rounds: readonly Round[], peak: number): Report {
  const ms = (label: string, percent: number, of: (round: Round) => number[]): Figure => ({
    label: `${label}, p${percent}`,
    unit: 'ms',
    ...summarise(rounds.map((round) => percentile(ascending(of(round)), percent))),
  });
  const goal = (when: keyof Round, name: string, percent: number, target: number): Goal => ({
    ...ms(`${name}: acknowledged to readable elsewhere`, percent, (round) => round[when].waited),
    bound: 'at most',
    target,
  });
  const busyName = `at ${shareOfPeak * 100} % of the peak`;
  return {
    name: 'visibility',
    title: 'three durable nodes, writes at all of them, percentiles of each round',
    figures: [
      { label: 'peak, writes over HTTP at all nodes', unit: 'req/s', ...summarise([peak]) },
      ...[50, 99].map((percent) => ms('idle: by polling', percent, ({ idle }) => idle.polled)),
      ...[50, 99].map((percent) =>
        ms('idle: the same read with nothing to wait for', percent, ({ idle }) => idle.baseline),
      ),
      ...[50, 99].map((percent) =>
        ms(`${busyName}: the same read with nothing to wait for`, percent, ({ busy }) => busy.baseline),
      ),
    ],
    goals: [
      goal('idle', 'idle', 50, 0.2),
      goal('idle', 'idle', 99, 2),
      goal('busy', busyName, 50, 1),
      goal('busy', busyName, 99, 5),
    ],
    notes: [
      "measured by a read at the other node with the write's session token, which waits until it is delivered there; it contains one read round trip. One in 10 is looked for by polling instead",
      `idle: ${idlePerSecond} writes/s in all; at ${shareOfPeak * 100} % of the peak about ${lookedAtPerSecond} writes/s are looked for. Writes leave at their time, however long the earlier ones take`,
    ],
    faults: [],
  };
}
