import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Connection, type Answer } from '../../src/load/connection.js';
import { runLoad, type LoadResult } from '../load/load.js';
import { keyCount, readRequests, writeRequests } from '../load/request.js';
import type { Goal, Report } from '../measure/report.js';
import { summarise, summariseRatios } from '../measure/statistics.js';
import { startBareServer, startFastifyServer } from '../processes/bareServers.js';
import { withRelease, withStarted } from '../processes/cleanup.js';
import { startNodes, type RunningNodes, type RunningProcess } from '../processes/nodes.js';
import { loadFigures } from './rounds.js';
import type { SectionOptions } from './section.js';

const connections = 64;
const { version: fastifyVersion } = createRequire(import.meta.url)('fastify/package.json') as {
  version: string;
};

/** What is measured, in the order of every round. */
const cases = [
  'constant POST',
  'fastify POST',
  'ephemeral write',
  'durable write',
  'constant GET',
  'fastify GET',
  'ephemeral read',
] as const;

type Case = (typeof cases)[number];
type Results = Readonly<Record<Case, LoadResult[]>>;

/** One node's requests per second beside those of a constant handler on the same HTTP stack. */
export async function benchHttp(options: SectionOptions): Promise<Report> {
  const { profileDir, dataDir } = options;
  const ephemeral = await startNodes({ count: 1, dataDir: null, profileDir });
  return withRelease(ephemeral.stop, async () => {
    const durable = await startNodes({ count: 1, dataDir: join(dataDir, 'http'), profileDir });
    return withRelease(durable.stop, () => besideConstant(theNode(ephemeral), theNode(durable), options));
  });
}

async function besideConstant(
  ephemeral: RunningProcess,
  durable: RunningProcess,
  options: SectionOptions,
): Promise<Report> {
  const [read, write] = await writeAllKeys(ephemeral);
  const bare = () => startBareServer(read, write);
  const fastify = () => startFastifyServer(read, write);
  return withStarted([bare, fastify], async (constants) =>
    report(await measure(constants, ephemeral, durable, options)),
  );
}

/** @returns the answers of a read and a write, which the constant handler then gives */
async function writeAllKeys({ port }: RunningProcess): Promise<[Answer, Answer]> {
  const connection = await Connection.open(port);
  const writes = writeRequests(port);
  let write: Answer | undefined;
  for (const request of writes) write = await connection.ask(request);
  const read = await connection.ask(readRequests(port)[0] ?? Buffer.alloc(0));
  connection.close();
  if (read.status === 200 && write?.status === 200) return [read, write];
  throw new Error(`the node answered ${read.status} to a read and ${String(write?.status)} to a write`);
}

/** @param constants - of node:http, and of fastify */
async function measure(
  [bare = noServer(), fastify = noServer()]: readonly RunningProcess[],
  ephemeral: RunningProcess,
  durable: RunningProcess,
  { quick }: SectionOptions,
): Promise<Results> {
  const servers = {
    'constant POST': { server: bare, requests: writeRequests(bare.port) },
    'fastify POST': { server: fastify, requests: writeRequests(fastify.port) },
    'ephemeral write': { server: ephemeral, requests: writeRequests(ephemeral.port) },
    'durable write': { server: durable, requests: writeRequests(durable.port) },
    'constant GET': { server: bare, requests: readRequests(bare.port) },
    'fastify GET': { server: fastify, requests: readRequests(fastify.port) },
    'ephemeral read': { server: ephemeral, requests: readRequests(ephemeral.port) },
  };
  const results = Object.fromEntries(cases.map((name) => [name, [] as LoadResult[]])) as Results;
  const durationMs = quick ? 700 : 2000;
  const rounds = quick ? 3 : 7;
  for (let round = -1; round < rounds; round += 1) {
    for (const name of cases) {
      const { server, requests } = servers[name];
      const { port, pid } = server;
      const result = await runLoad({ port, pid, requests, connections, durationMs });
      // The first round is for the compilers of all the processes.
      if (round >= 0) results[name].push(result);
    }
  }
  return results;
}

function report(results: Results): Report {
  const all = Object.values(results).flat();
  const errors = all.reduce((sum, result) => sum + result.errors, 0);
  return {
    name: 'http',
    title: `requests per second of one node, ${connections} connections, ${keyCount} keys, values of 100 bytes`,
    figures: cases.flatMap((name) => loadFigures(name, results[name])),
    charts: [
      {
        title: 'requests',
        unit: 'req/s',
        bars: cases.map((name) => ({
          label: name,
          isOurs: !isConstant(name),
          ...summarise(results[name].map(({ perSecond }) => perSecond)),
        })),
      },
    ],
    goals: [
      ratio('ephemeral write / constant POST', 'ephemeral write', 'constant POST', 0.7, results),
      ratio('ephemeral read / constant GET', 'ephemeral read', 'constant GET', 0.8, results),
      ratio('durable write / ephemeral write', 'durable write', 'ephemeral write', 0.5, results),
    ],
    notes: [
      `constant: a bare node:http server that reads the body and sends the bytes and headers that the node sent once; fastify: the same by fastify ${fastifyVersion}, which parses the body`,
      `the load generator used at most ${Math.round(100 * Math.max(...all.map((each) => each.generatorBusy)))} % of one processor`,
    ],
    faults: errors === 0 ? [] : [`${errors} requests were not answered with 200`],
  };
}

function isConstant(name: Case): boolean {
  return name.startsWith('constant') || name.startsWith('fastify');
}

function ratio(label: string, above: Case, below: Case, target: number, results: Results): Goal {
  const rates = (name: Case) => results[name].map(({ perSecond }) => perSecond);
  return { label, unit: 'x', bound: 'at least', target, ...summariseRatios(rates(above), rates(below)) };
}

function noServer(): never {
  throw new Error('no server was started');
}

function theNode({ nodes: [node] }: RunningNodes): RunningProcess {
  if (node === undefined) throw new Error('no node was started');
  return node;
}
