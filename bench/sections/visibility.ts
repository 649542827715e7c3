import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { burst, untilLevel, withPeers, type Peer } from '../load/peers.js';
import { requestBytes } from '../../src/load/requestBytes.js';
import { readableAfterMs, writeAlone, type Acknowledged } from '../../src/load/visibility.js';
import { keyCount, keyNumber, valueOf100Bytes } from '../load/request.js';
import type { Figure, Goal, Report } from '../measure/report.js';
import { ascending, percentile, summarise } from '../measure/statistics.js';
import { withRelease } from '../processes/cleanup.js';
import { startNodes } from '../processes/nodes.js';
import type { SectionOptions } from './section.js';

const writesPerSecond = 500;

/** Every so many writes one is looked for by polling, without a session: to check the other way of measuring. */
const polledEvery = 10;
const pollMsMax = 5000;

/** What one round found, in ms since the acknowledgement. */
class Samples {
  /** When a read with the write's session token was answered at another node. */
  readonly waited: number[] = [];
  /** How long the same read takes once there is nothing to wait for. */
  readonly baseline: number[] = [];
  /** When a poll without a token first found the value. */
  readonly polled: number[] = [];
}

/** From acknowledged at one node to readable at the others: three durable nodes, writes at all of them in turn. */
export async function benchVisibility({ quick, dataDir, profileDir }: SectionOptions): Promise<Report> {
  const cluster = await startNodes({ count: 3, dataDir: join(dataDir, 'visibility'), profileDir });
  return withRelease(cluster.stop, () =>
    withPeers(cluster.nodes, async (members) => {
      const roundMs = quick ? 1500 : 4000;
      // So that a poll finds an older value until it finds the one that it looks for.
      await Promise.all(members.slice(0, 1).map((first) => burst(first, keyCount)));
      await untilLevel(members);
      await writeFor(members, roundMs / 2);
      const rounds: Samples[] = [];
      for (let round = 0; round < (quick ? 3 : 5); round += 1) rounds.push(await writeFor(members, roundMs));
      return report(rounds);
    }),
  );
}

/** An open loop: writes leave at their time, however long the earlier ones take. */
async function writeFor(members: readonly Peer[], durationMs: number): Promise<Samples> {
  const samples = new Samples();
  const open: Promise<unknown>[] = [];
  const beganMs = performance.now();
  const count = (durationMs / 1000) * writesPerSecond;
  while (open.length < count) {
    const due = Math.min(count, ((performance.now() - beganMs) / 1000) * writesPerSecond);
    while (open.length < due) {
      // Kept, and thrown when all have ended: one that nobody waits for yet would end the process.
      open.push(writeOne(members, open.length, samples).catch((error: unknown) => error));
    }
    await sleep(1);
  }
  const outcomes = await Promise.all(open);
  const failure = outcomes.find((outcome) => outcome instanceof Error);
  if (failure !== undefined) throw failure;
  return samples;
}

async function writeOne(members: readonly Peer[], index: number, samples: Samples): Promise<void> {
  const writer = members[index % members.length];
  if (writer === undefined) return;
  const others = members.filter((member) => member !== writer);
  const key = keyNumber(index * 7);
  const value = valueOf100Bytes(`${performance.now()} ${index}`);
  const acknowledged = await writeAlone(writer, key, value);
  const look = (other: Peer) =>
    index % polledEvery === 0
      ? poll(other, key, value, acknowledged, samples)
      : readWaiting(other, key, acknowledged, samples);
  await Promise.all(others.map(look));
}

/** First it waits for the write, then there is nothing to wait for any more. */
async function readWaiting(
  other: Peer,
  key: string,
  acknowledged: Acknowledged,
  samples: Samples,
): Promise<void> {
  samples.waited.push(await readableAfterMs(other, key, acknowledged));
  const again = { ...acknowledged, atMs: performance.now() };
  samples.baseline.push(await readableAfterMs(other, key, again));
}

async function poll(
  { port, pool }: Peer,
  key: string,
  value: string,
  { atMs }: Acknowledged,
  samples: Samples,
): Promise<void> {
  const request = requestBytes('GET', port, `/read?key=${key}`);
  for (;;) {
    // The key is not written again for some thousand writes, so what is read is this value or an older one.
    const answer = await pool.ask(request);
    const sinceMs = performance.now() - atMs;
    if (answer.bytes.includes(value)) {
      samples.polled.push(sinceMs);
      return;
    }
    if (sinceMs > pollMsMax) throw new Error(`a write was not readable elsewhere after ${pollMsMax} ms`);
  }
}

function report(rounds: readonly Samples[]): Report {
  const ms = (label: string, percent: number, of: (samples: Samples) => number[]): Figure => ({
    label,
    unit: 'ms',
    ...summarise(rounds.map((samples) => percentile(ascending(of(samples)), percent))),
  });
  const goal = (percent: number, target: number): Goal => ({
    ...ms(`acknowledged to readable elsewhere, p${percent}`, percent, ({ waited }) => waited),
    bound: 'at most',
    target,
  });
  return {
    name: 'visibility',
    title: `three durable nodes, ${writesPerSecond} writes/s in all, percentiles of each round`,
    figures: [
      ms('by polling, p50', 50, ({ polled }) => polled),
      ms('by polling, p99', 99, ({ polled }) => polled),
      ms('the same read with nothing to wait for, p50', 50, ({ baseline }) => baseline),
      ms('the same read with nothing to wait for, p99', 99, ({ baseline }) => baseline),
    ],
    goals: [goal(50, 1), goal(99, 5)],
    notes: [
      "measured by a read at the other node with the write's session token, which waits until it is delivered there; it contains one read round trip",
      `one write in ${polledEvery} is looked for by polling instead`,
    ],
    faults: [],
  };
}
