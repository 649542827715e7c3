import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { cpuMsOf, endedChildrenCpuMs } from '../processes/cpuTime.js';
import { cpuUsEach, type LoadResult } from './load.js';
import { keyCount } from './request.js';

export interface RedisBenchmarkOptions {
  readonly port: number;
  readonly pid: number | undefined;
  readonly command: 'get' | 'set';
  readonly pipeline: number;
  readonly connections: number;
  readonly requests: number;
}

/** Columns of what it prints. */
interface Line {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * The load that redis-benchmark makes, with values of 100 bytes: keys by chance, named as redisBenchmarkKey says.
 * @throws Error with what it printed, if it failed, as it does when it is answered with an error
 */
export async function runRedisBenchmark(options: RedisBenchmarkOptions): Promise<LoadResult> {
  const { port, pid, command, pipeline, connections, requests } = options;
  const [clients, amount] = [String(connections), String(requests)];
  const args = ['-h', '127.0.0.1', '-p', String(port), '-c', clients, '-n', amount, '-P', String(pipeline)];
  const serverMs = cpuMsOf(pid);
  const generatorMs = endedChildrenCpuMs() ?? NaN;
  const printed = await run([...args, '-d', '100', '-r', String(keyCount), '-t', command, '--csv']);
  const { perSecond, p50Ms, p99Ms } = parse(printed);
  return {
    answers: requests,
    perSecond,
    p50Ms,
    p99Ms,
    errors: 0,
    generatorBusy: ((endedChildrenCpuMs() ?? NaN) - generatorMs) / ((requests / perSecond) * 1000),
    serverCpuUs: cpuUsEach(serverMs, cpuMsOf(pid), requests),
  };
}

export function redisBenchmarkKey(index: number): string {
  return `key:${String(index % keyCount).padStart(12, '0')}`;
}

async function run(args: readonly string[]): Promise<string> {
  const child = spawn('redis-benchmark', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, problems, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`redis-benchmark ended with ${String(code)}: ${problems.trim()}`);
  return out;
}

function parse(printed: string): Line {
  const [head, line] = printed
    .split('\n')
    .filter((each) => each.startsWith('"'))
    .map((each) => each.split(',').map((cell) => cell.replaceAll('"', '')));
  const cell = (name: string): number => {
    const value = Number(line?.[head?.indexOf(name) ?? -1]);
    if (Number.isNaN(value)) throw new Error(`redis-benchmark printed no ${name}: ${printed}`);
    return value;
  };
  return { perSecond: cell('rps'), p50Ms: cell('p50_latency_ms'), p99Ms: cell('p99_latency_ms') };
}
