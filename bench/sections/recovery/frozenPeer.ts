import { join } from 'node:path';
import { runSpreadLoad } from '../../load/load.js';
import { untilLevel, withPeers, type Peer } from '../../load/peers.js';
import { writeRequests } from '../../load/request.js';
import { summarise, summariseRatios } from '../../measure/statistics.js';
import { withRelease } from '../../processes/cleanup.js';
import { memoryOf } from '../../processes/memoryOf.js';
import { startNodes } from '../../processes/nodes.js';
import type { Findings, SectionOptions } from '../section.js';

const connectionsEach = 32;
/** What waits for a peer is at most 32 MiB; the rest is garbage that nobody has collected yet. */
const growthMbMax = 100;
/** Unchanged, as far as two measurements of the same are. */
const rateMin = 0.95;

interface Round {
  readonly usualPerSecond: number;
  readonly frozenPerSecond: number;
  /** Of the node that grew most while the peer was frozen; undefined where the system does not tell. */
  readonly growthMb: number | undefined;
  readonly levelAfterMs: number;
  readonly errors: number;
}

/** One of three nodes stands still (SIGSTOP) while the two others take writes, beside the same when it does not. */
export async function measureFrozenPeer({ quick, dataDir, profileDir }: SectionOptions): Promise<Findings> {
  const cluster = await startNodes({ count: 3, dataDir: join(dataDir, 'frozen'), profileDir });
  return withRelease(cluster.stop, () =>
    withPeers(cluster.nodes, async (peers) => {
      const phaseMs = quick ? 1500 : 8000;
      const rounds: Round[] = [];
      for (let round = -1; round < (quick ? 2 : 5); round += 1) {
        const result = await measureRound(peers, phaseMs);
        if (round >= 0) rounds.push(result);
      }
      return findings(rounds, phaseMs);
    }),
  );
}

async function measureRound(peers: readonly Peer[], phaseMs: number): Promise<Round> {
  const [frozen, ...writers] = peers;
  if (frozen === undefined) throw new Error('no node was started');
  const usual = await load(writers, phaseMs);
  await untilLevel(peers);
  const before = writers.map(rssMbOf);
  const meanwhile = await whileFrozen(frozen, async () => ({
    ...(await load(writers, phaseMs)),
    after: writers.map(rssMbOf),
  }));
  const levelAfterMs = await untilLevel(peers);
  const growths = before.flatMap((mb = NaN, index) => (meanwhile.after[index] ?? NaN) - mb);
  const growthMb = Math.max(...growths);
  return {
    usualPerSecond: usual.perSecond,
    frozenPerSecond: meanwhile.perSecond,
    growthMb: Number.isNaN(growthMb) ? undefined : growthMb,
    levelAfterMs,
    errors: usual.errors + meanwhile.errors,
  };
}

function load(writers: readonly Peer[], durationMs: number) {
  const targets = writers.map(({ port, pid }) => ({
    port,
    pid,
    connections: connectionsEach,
    requests: writeRequests(port),
  }));
  return runSpreadLoad(targets, { durationMs });
}

/** A process that stands still could not be stopped: it goes on whatever happens. */
async function whileFrozen<T>({ name, pid }: Peer, use: () => Promise<T>): Promise<T> {
  if (pid === undefined) throw new Error(`${name} has no process`);
  process.kill(pid, 'SIGSTOP');
  const resume = (): Promise<void> => {
    process.kill(pid, 'SIGCONT');
    return Promise.resolve();
  };
  return withRelease(resume, use);
}

function rssMbOf({ pid }: Peer): number | undefined {
  const bytes = memoryOf(pid, 'VmRSS');
  return bytes === undefined ? undefined : bytes / 1e6;
}

function findings(rounds: readonly Round[], phaseMs: number): Findings {
  const usual = rounds.map(({ usualPerSecond }) => usualPerSecond);
  const frozen = rounds.map(({ frozenPerSecond }) => frozenPerSecond);
  const growths = rounds.flatMap(({ growthMb }) => growthMb ?? []);
  const errors = rounds.reduce((sum, round) => sum + round.errors, 0);
  return {
    figures: [
      { label: 'writes at two nodes, the third works', unit: 'req/s', ...summarise(usual) },
      { label: 'writes at two nodes, the third is frozen', unit: 'req/s', ...summarise(frozen) },
      {
        label: 'all level after the frozen one goes on',
        unit: 'ms',
        ...summarise(rounds.map(({ levelAfterMs }) => levelAfterMs)),
      },
    ],
    goals: [
      {
        label: 'writes beside a frozen peer / beside one that works',
        unit: 'x',
        bound: 'at least',
        target: rateMin,
        ...summariseRatios(frozen, usual),
      },
      ...(growths.length === 0
        ? []
        : [
            {
              label: 'resident memory that a node gains beside a frozen peer',
              unit: 'MB' as const,
              bound: 'at most' as const,
              target: growthMbMax,
              ...summarise(growths),
            },
          ]),
    ],
    notes: [
      `frozen: SIGSTOP for ${phaseMs / 1000} s, writes over HTTP by ${connectionsEach} connections to each of the others; a peer that stands still also leaves them its share of the processors`,
    ],
    faults: errors === 0 ? [] : [`${errors} writes beside a frozen peer were refused or lost`],
  };
}
