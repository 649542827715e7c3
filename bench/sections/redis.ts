import { join } from 'node:path';
import {
  respGenerator,
  runRespLoad,
  writeAllRespKeys,
  type RespTarget,
  type RespWork,
} from '../load/respLoad.js';
import { keyCount, valueOf100Bytes } from '../load/request.js';
import type { Goal, Report } from '../measure/report.js';
import { startBareResp } from '../processes/bareServers.js';
import { withStarted, type Stoppable } from '../processes/cleanup.js';
import { startNodes } from '../processes/nodes.js';
import { findRedis, startRedis, type Appendfsync } from '../rivals/redis.js';
import { profileRespPaths } from './redis/profiles.js';
import { Rounds, type LoadCase } from './rounds.js';
import type { SectionOptions } from './section.js';

const connections = 50;

type Work = RespWork & { readonly command: 'get' | 'set' };

/** In the order of every round; beside each other what is compared. */
const works: readonly Work[] = [
  { command: 'get', pipeline: 1 },
  { command: 'get', pipeline: 16 },
  { command: 'set', pipeline: 1 },
  { command: 'set', pipeline: 16 },
];

interface Server extends Stoppable, RespTarget {
  readonly name: string;
}

const kvc = { ephemeral: 'kvc ephemeral', durable: 'kvc durable' } as const;
const bare = 'bare responder';

/** One node that speaks the Redis protocol beside Redis in the matching mode, and beside a server that does nothing. */
export async function benchRedis(options: SectionOptions): Promise<Report> {
  const redis = findRedis();
  return withStarted(startsOf(options, redis !== undefined), async (servers) => {
    for (const { port } of servers) await writeAllRespKeys(port);
    const { quick } = options;
    const rounds = await Rounds.measure(casesOf(servers), {
      rounds: quick ? 3 : 9,
      durationMs: quick ? 500 : 2000,
    });
    const profiles = await profilesOf(options);
    return {
      name: 'redis',
      title: `one node over the Redis protocol, ${connections} connections, ${keyCount} keys, values of 100 bytes`,
      figures: rounds.figures,
      charts: rounds.charts,
      goals: goalsOf(rounds),
      notes: [
        redis === undefined
          ? 'SKIPPED: redis-server is not installed, so there is nothing to compare with'
          : `Redis ${redis.version}, without snapshots; its append-only file: none, or made durable as named`,
        `the load is made by ${respGenerator}, keys in no order; x 16: pipelines of 16 commands, whose latency is that of the pipeline`,
        'bare responder: a node:net server that finds the words of every request and sends a constant',
        ...rounds.notes,
        ...profiles,
      ],
      faults: rounds.faults,
    };
  });
}

function profilesOf({ quick, dataDir, profileDir }: SectionOptions): Promise<string[]> {
  if (profileDir === undefined) return Promise.resolve([]);
  return profileRespPaths({ dataDir, profileDir, connections, durationMs: quick ? 2000 : 5000 });
}

function startsOf({ dataDir, profileDir }: SectionOptions, hasRedis: boolean): (() => Promise<Server>)[] {
  const node = async (name: string, dir: string | null): Promise<Server> => {
    const cluster = await startNodes({ count: 1, dataDir: dir, profileDir });
    const [first] = cluster.nodes;
    return { name, port: first?.respPort ?? 0, pid: first?.pid, stop: cluster.stop };
  };
  const redis = async (mode: Appendfsync): Promise<Server> => ({
    name: nameOfRedis(mode),
    ...(await startRedis(join(dataDir, `redis-${mode}`), mode)),
  });
  const modes: readonly Appendfsync[] = hasRedis ? ['off', 'no', 'everysec', 'always'] : [];
  return [
    async () => ({ name: bare, ...(await startBareResp(valueOf100Bytes(0))) }),
    () => node(kvc.ephemeral, null),
    ...modes.map((mode) => () => redis(mode)),
    () => node(kvc.durable, join(dataDir, 'redis-kvc')),
  ];
}

function nameOfRedis(mode: Appendfsync): string {
  return mode === 'off' ? 'Redis, no file' : `Redis, fsync ${mode}`;
}

/** Modes that differ in how writes become durable differ in nothing else. */
const onlyWritten = [nameOfRedis('no'), nameOfRedis('everysec')];

function casesOf(servers: readonly Server[]): LoadCase[] {
  return works.flatMap((work) =>
    servers
      .filter(({ name }) => work.command === 'set' || !onlyWritten.includes(name))
      .map((server) => ({
        work: nameOfWork(work),
        server: server.name,
        run: (perSecond, durationMs) => runRespLoad(server, work, { connections, durationMs, perSecond }),
      })),
  );
}

function nameOfWork({ command, pipeline }: Work): string {
  return `${command.toUpperCase()}${pipeline === 1 ? '' : ` x ${pipeline}`}`;
}

function goalsOf(rounds: Rounds): Goal[] {
  const goal = (work: Work, ours: string, theirs: string, target: number): Goal[] =>
    rounds.goal(nameOfWork(work), ours, theirs, target);
  const targets = [
    { ours: kvc.ephemeral, theirs: nameOfRedis('off'), command: 'get', plain: 0.88, pipelined: 0.7 },
    { ours: kvc.ephemeral, theirs: nameOfRedis('off'), command: 'set', plain: 0.85, pipelined: 0.55 },
    { ours: kvc.durable, theirs: nameOfRedis('always'), command: 'set', plain: 0.75, pipelined: 1.1 },
  ] as const;
  return targets.flatMap(({ ours, theirs, command, plain, pipelined }) => [
    ...goal({ command, pipeline: 1 }, ours, theirs, plain),
    ...goal({ command, pipeline: 16 }, ours, theirs, pipelined),
  ]);
}
