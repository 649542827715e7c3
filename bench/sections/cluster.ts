import { join } from 'node:path';
import { keyCount } from '../load/request.js';
import type { Goal, Report } from '../measure/report.js';
import { withStarted } from '../processes/cleanup.js';
import { findEtcd } from '../rivals/etcd.js';
import { findNats } from '../rivals/nats.js';
import type { Installed } from '../rivals/program.js';
import { findRedis } from '../rivals/redis.js';
import {
  connections,
  startEtcdCluster,
  startKvc,
  startNatsCluster,
  startRedis,
  type Contestant,
} from './cluster/contestants.js';
import { Rounds, type LoadCase } from './rounds.js';
import type { SectionOptions } from './section.js';

interface Rival {
  readonly name: string;
  readonly find: () => Installed | undefined;
  readonly start: (dir: string) => Promise<Contestant>;
}

const rivals: readonly Rival[] = [
  { name: 'Redis', find: findRedis, start: startRedis },
  { name: 'etcd', find: findEtcd, start: startEtcdCluster },
  { name: 'NATS', find: findNats, start: startNatsCluster },
];

/** The order of every round: beside each other what is compared. */
const works = [
  'SET',
  'SET x 16',
  'SET and WAIT 1',
  'half GET, half SET',
  'half GET, half SET x 16',
  'half reads, half writes',
  'writes',
];

const notes = [
  'SET: all clients at one node of kvc, or at the primary. Half GET, half SET: clients spread over the nodes of kvc, and all at the primary of Redis, whose replicas may have less. Two replicas of Redis; appendfsync always at all three. WAIT 1: until another has it, kvc on its disk, Redis in memory. x 16: pipelines of 16 commands, whose latency is that of the pipeline',
  'half reads, half writes, and writes: clients spread over all nodes; kvc over HTTP, etcd over its HTTP gateway, NATS over its own protocol. A read is of what the node has (etcd: serializable, NATS: direct). A write is answered by kvc when that node has it on its disk, by etcd when two of three have it on theirs, by NATS when two of three have it, on no disk yet',
  'server CPU: of the servers that clients are connected to, so of Redis without its replicas, and of one node of kvc where all clients are at one',
  'the load is made by the benchmark itself; all processes share the processors of this machine',
];

/** Three durable replicas beside three of what people would use instead. */
export async function benchCluster({ quick, dataDir, profileDir }: SectionOptions): Promise<Report> {
  const found = rivals.map((rival) => ({ ...rival, installed: rival.find() }));
  const starts = found
    .filter(({ installed }) => installed !== undefined)
    .map(
      ({ name, start }) =>
        () =>
          start(join(dataDir, `cluster-${name}`)),
    );
  const kvc = () => startKvc(join(dataDir, 'cluster-kvc'), profileDir);
  return withStarted([kvc, ...starts], async (contestants) => {
    for (const { prepare } of contestants) await prepare();
    const cases = inOrder(contestants.flatMap((contestant) => contestant.cases));
    const rounds = await Rounds.measure(cases, {
      rounds: quick ? 3 : 9,
      durationMs: quick ? 500 : 2000,
    });
    return {
      name: 'cluster',
      title: `three durable replicas, ${connections} connections, ${keyCount} keys, values of 100 bytes`,
      figures: rounds.figures,
      charts: rounds.charts,
      goals: goalsOf(rounds),
      notes: [...found.map(aboutRival), ...notes, ...rounds.notes],
      faults: rounds.faults,
    };
  });
}

function aboutRival({
  name,
  installed,
}: {
  readonly name: string;
  readonly installed: Installed | undefined;
}): string {
  return installed === undefined ? `SKIPPED: ${name} is not installed` : `${name} ${installed.version}`;
}

function inOrder(cases: readonly LoadCase[]): LoadCase[] {
  return works.flatMap((work) => cases.filter((each) => each.work === work));
}

function goalsOf(rounds: Rounds): Goal[] {
  const goal = (work: string, theirs: string, target: number) => rounds.goal(work, 'kvc', theirs, target);
  return [
    ...goal('SET', 'Redis', 0.85),
    ...goal('SET x 16', 'Redis', 1.1),
    ...goal('half GET, half SET', 'Redis', 1),
    ...goal('half GET, half SET x 16', 'Redis', 1),
    ...goal('half reads, half writes', 'etcd', 4),
    ...goal('half reads, half writes', 'NATS', 3),
  ];
}
