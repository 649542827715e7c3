import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runLoad } from '../load/load.js';
import { valueOf100Bytes } from '../load/request.js';
import { askResp, commandBytes, RespChannel } from '../../src/load/respChannel.js';
import type { Bar, Figure, Goal, Report } from '../measure/report.js';
import { summarise, summariseRatios } from '../measure/statistics.js';
import { withStarted, type Stoppable } from '../processes/cleanup.js';
import { startNodes } from '../processes/nodes.js';
import { diskBytesOf } from '../processes/diskBytesOf.js';
import { memoryOf } from '../processes/memoryOf.js';
import { findRedis, startRedis } from '../rivals/redis.js';
import type { SectionOptions } from './section.js';

const keysPerCommand = 100;
const connections = 8;
const writeMsMax = 600_000;
/** A process that gives memory back does so within this time, if it does. */
const calmMs = 5000;

interface Server extends Stoppable {
  readonly name: string;
  readonly port: number;
  readonly pid: number | undefined;
}

/** Of one server, in bytes. */
interface Memory {
  readonly name: string;
  readonly empty: number;
  readonly full: number;
  /** What its directory takes on the disk; undefined: it has none. */
  readonly disk: number | undefined;
}

const redisName = 'Redis, no file';
const durableName = 'kvc durable';

/** What many keys take in memory and on the disk, beside Redis, and how long a node takes to start with them. */
export async function benchMemory(options: SectionOptions): Promise<Report> {
  const { quick, dataDir } = options;
  const keys = quick ? 100_000 : 1_000_000;
  const redis = findRedis();
  const memories: Memory[] = [];
  if (redis !== undefined) memories.push(await measure(() => redisServer(dataDir), keys));
  memories.push(await measure(() => nodeServer('kvc ephemeral', null), keys));
  const durableDir = dataDirOf(dataDir);
  memories.push(await measure(() => nodeServer(durableName, durableDir), keys, durableDir));
  const starts = await measureStarts(dataDir, quick ? 3 : 7);
  return report(keys, memories, starts, [
    redis === undefined
      ? 'SKIPPED: redis-server is not installed, so there is nothing to compare with'
      : `Redis ${redis.version}`,
  ]);
}

function dataDirOf(dataDir: string): string {
  return join(dataDir, 'memory-kvc');
}

async function redisServer(dataDir: string): Promise<Server> {
  return { name: redisName, ...(await startRedis(join(dataDir, 'memory-redis'), 'off')) };
}

async function nodeServer(name: string, dataDir: string | null): Promise<Server> {
  const { nodes, stop } = await startNodes({ count: 1, dataDir, profileDir: undefined });
  return { name, port: nodes[0]?.respPort ?? 0, pid: nodes[0]?.pid, stop };
}

async function measure(start: () => Promise<Server>, keys: number, dataDir?: string): Promise<Memory> {
  const memory = await withStarted([start], async ([server]) => {
    if (server === undefined) throw new Error('no server was started');
    const empty = memoryOf(server.pid, 'VmRSS') ?? NaN;
    await writeKeys(server.port, keys);
    await sleep(calmMs);
    const full = memoryOf(server.pid, 'VmRSS') ?? NaN;
    const found = await askResp(server.port, 'DBSIZE');
    if (found !== `:${keys}\r\n`)
      throw new Error(`${server.name} has ${found.trim()} keys instead of ${keys}`);
    return { name: server.name, empty, full };
  });
  // Once it has ended, which brings its store up to date.
  return { ...memory, disk: dataDir === undefined ? undefined : diskBytesOf(dataDir) };
}

async function writeKeys(port: number, keys: number): Promise<void> {
  const requests = Array.from({ length: keys / keysPerCommand }, (_, command) =>
    commandBytes('MSET', ...pairs(command * keysPerCommand)),
  );
  const { errors, answers } = await runLoad({
    port,
    pid: undefined,
    requests,
    connections,
    durationMs: writeMsMax,
    requestsMax: requests.length,
    open: (at) => RespChannel.open(at),
  });
  if (errors > 0 || answers < requests.length) throw new Error(`not all of ${keys} keys were written`);
}

function pairs(first: number): string[] {
  return Array.from({ length: keysPerCommand }, (_, index) => [
    `key${String(first + index).padStart(7, '0')}`,
    valueOf100Bytes(first + index),
  ]).flat();
}

interface Starts {
  readonly withKeysMs: readonly number[];
  readonly withoutMs: readonly number[];
}

/** Until the node serves, from the start of its process on. */
async function measureStarts(dataDir: string, rounds: number): Promise<Starts> {
  const withKeysMs: number[] = [];
  const withoutMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    withKeysMs.push(await startMs(dataDirOf(dataDir)));
    withoutMs.push(await startMs(join(dataDir, `memory-empty-${round}`)));
  }
  return { withKeysMs, withoutMs };
}

async function startMs(dataDir: string): Promise<number> {
  const beganMs = performance.now();
  return withStarted([() => nodeServer('node', dataDir)], () => Promise.resolve(performance.now() - beganMs));
}

function report(
  keys: number,
  memories: readonly Memory[],
  { withKeysMs, withoutMs }: Starts,
  notes: readonly string[],
): Report {
  const known = memories.filter(({ full }) => !Number.isNaN(full));
  return {
    name: 'memory',
    title: `${keys.toLocaleString('en-US')} keys of 10 bytes with values of 100 bytes`,
    figures: [
      ...known.flatMap((memory) => memoryFigures(memory, keys)),
      { label: 'start of a durable node without keys', unit: 'ms', ...summarise(withoutMs) },
    ],
    charts: [{ title: 'resident memory', unit: 'MB', bars: known.map(memoryBar) }],
    goals: [
      ...known.flatMap((memory) => memoryGoal(memory, known)),
      {
        label: 'start of a durable node with the keys, until it serves',
        unit: 'ms',
        bound: 'at most',
        target: 500,
        ...summarise(withKeysMs),
      },
    ],
    notes: [
      ...notes,
      `memory: resident, ${calmMs / 1000} s after the last write; of a durable node with the pages of its store that the system keeps for it`,
      'disk: the blocks of all files of the node when it has stopped: store, log, and what is preallocated',
    ],
    faults: [],
  };
}

function memoryFigures({ name, empty, full, disk }: Memory, keys: number): Figure[] {
  return [
    { label: `${name}, resident`, unit: 'MB', ...summarise([full / 1e6]) },
    { label: `${name}, memory for each key`, unit: 'bytes', ...summarise([(full - empty) / keys]) },
    ...(disk === undefined
      ? []
      : [{ label: `${name}, disk for each key`, unit: 'bytes' as const, ...summarise([disk / keys]) }]),
  ];
}

function memoryBar({ name, full }: Memory): Bar {
  return { label: name, isOurs: name.startsWith('kvc'), ...summarise([full / 1e6]) };
}

function memoryGoal({ name, full }: Memory, memories: readonly Memory[]): Goal[] {
  const redis = memories.find((memory) => memory.name === redisName);
  if (redis === undefined || name === redisName) return [];
  const ratio = summariseRatios([full], [redis.full]);
  return [{ label: `resident: ${name} / ${redisName}`, unit: 'x', bound: 'at most', target: 1.5, ...ratio }];
}
