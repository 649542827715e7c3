import { join } from 'node:path';
import { Connection, type Answer } from '../../src/load/connection.js';
import { runLoad, type LoadResult } from '../load/load.js';
import { keyCount, readRequests, writeRequests } from '../load/request.js';
import type { Goal, Report } from '../measure/report.js';
import { summarise, summariseRatios } from '../measure/statistics.js';
import { startBareServer } from '../processes/bareServers.js';
import { withRelease } from '../processes/cleanup.js';
import { startNodes, type RunningNodes, type RunningProcess } from '../processes/nodes.js';
import { loadFigures } from './rounds.js';
import type { SectionOptions } from './section.js';

const connections = 64;

/** What is measured, in the order of every round. */
const cases = [
  'constant POST',
  'ephemeral write',
  'durable write',
  'constant GET',
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
  const bare = await startBareServer(read, write);
  return withRelease(bare.stop, async () => report(await measure(bare, ephemeral, durable, options)));
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

async function measure(
  bare: RunningProcess,
  ephemeral: RunningProcess,
  durable: RunningProcess,
  { quick }: SectionOptions,
): Promise<Results> {
  const servers = {
    'constant POST': { server: bare, requests: writeRequests(bare.port) },
    'ephemeral write': { server: ephemeral, requests: writeRequests(ephemeral.port) },
    'durable write': { server: durable, requests: writeRequests(durable.port) },
    'constant GET': { server: bare, requests: readRequests(bare.port) },
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
          isOurs: !name.startsWith('constant'),
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
      'constant: a bare node:http server that reads the body and sends the bytes and headers that the node sent once',
      `the load generator used at most ${Math.round(100 * Math.max(...all.map((each) => each.generatorBusy)))} % of one processor`,
    ],
    faults: errors === 0 ? [] : [`${errors} requests were not answered with 200`],
  };
}

function ratio(label: string, above: Case, below: Case, target: number, results: Results): Goal {
  const rates = (name: Case) => results[name].map(({ perSecond }) => perSecond);
  return { label, unit: 'x', bound: 'at least', target, ...summariseRatios(rates(above), rates(below)) };
}

function theNode({ nodes: [node] }: RunningNodes): RunningProcess {
  if (node === undefined) throw new Error('no node was started');
  return node;
}
