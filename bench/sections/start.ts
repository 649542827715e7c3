import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Goal, Report } from '../measure/report.js';
import { summarise, summariseRatios } from '../measure/statistics.js';
import { startBareServer } from '../processes/bareServers.js';
import { withRelease } from '../processes/cleanup.js';
import { timeKvc, timeNode } from '../processes/command.js';
import type { SectionOptions } from './section.js';

const nodeCount = 3;

/** What is timed, in the order of every round. */
const cases = [
  'three bare servers',
  'kvc up -d',
  'node -e 0',
  'kvc --version',
  'kvc read',
  'kvc write',
] as const;

type Times = Record<(typeof cases)[number], number>;

/** How long a cluster and a command take to start, beside what Node.js itself takes. */
export async function benchStart({ quick, dataDir }: SectionOptions): Promise<Report> {
  const rounds: Times[] = [];
  // The first round fills the caches of the file system, and leaves the compiled code that the others load.
  for (let round = -1; round < (quick ? 3 : 9); round += 1) {
    const times = await measureRound(mkdtempSync(join(dataDir, 'start-')));
    if (round >= 0) rounds.push(times);
  }
  return report(rounds);
}

/** @param home - for one cluster, new and empty: its first start also creates its data */
async function measureRound(home: string): Promise<Times> {
  const bareMs = await timeBareServers();
  const release = async () => {
    // Nothing is there to stop if `up` failed before it made its directory.
    if (readdirSync(home).length > 0) await timeKvc(['down', '--purge'], home);
    await rm(home, { recursive: true, force: true });
  };
  return withRelease(release, async () => {
    const upMs = await timeKvc(['up', '-d', '--nodes', String(nodeCount)], home);
    // Its first request is not like the others.
    await timeKvc(['write', '--node', '1', 'a', '1'], home);
    return {
      'three bare servers': bareMs,
      'kvc up -d': upMs,
      'node -e 0': await timeNode(['-e', '0']),
      'kvc --version': await timeKvc(['--version'], home),
      'kvc read': await timeKvc(['read', '--node', '1', 'a'], home),
      'kvc write': await timeKvc(['write', '--node', '1', 'a', '2'], home),
    };
  });
}

/** Until all of them listen. */
async function timeBareServers(): Promise<number> {
  const beganMs = performance.now();
  const servers = await Promise.all(Array.from({ length: nodeCount }, () => startBareServer()));
  const tookMs = performance.now() - beganMs;
  await Promise.all(servers.map(({ stop }) => stop()));
  return tookMs;
}

function report(rounds: readonly Times[]): Report {
  const times = (name: keyof Times) => rounds.map((round) => round[name]);
  const ratio = (above: keyof Times, below: keyof Times, target: number): Goal => ({
    label: `${above} / ${below}`,
    unit: 'x',
    bound: 'at most',
    target,
    ...summariseRatios(times(above), times(below)),
  });
  return {
    name: 'start',
    title: `wall time of the built command, ${nodeCount} durable nodes, each cluster's first start`,
    figures: cases.map((name) => ({ label: name, unit: 'ms', ...summarise(times(name)) })),
    goals: [
      ratio('kvc up -d', 'three bare servers', 1.7),
      ratio('kvc --version', 'node -e 0', 1.7),
      ratio('kvc read', 'node -e 0', 1.7),
      ratio('kvc write', 'node -e 0', 1.7),
    ],
    notes: [
      'bare servers: node:http, forked at once, until all listen; commands: from spawning the process to its exit',
    ],
    faults: [],
  };
}
