import { findInstalled } from '../rivals/program.js';
import { runLoad, runSpreadLoad, type LoadResult, type LoadTarget } from './load.js';
import { redisBenchmarkKey, runRedisBenchmark } from './redisBenchmark.js';
import { keyCount, valueOf100Bytes } from './request.js';
import { commandBytes, RespChannel } from '../../src/load/respChannel.js';

/** What clients of the Redis protocol do: one command each, or so many at once. */
export interface RespWork {
  /** mixed: half of them read, half of them write; waited: each waits until a replica has what was written. */
  readonly command: 'get' | 'set' | 'mixed' | 'waited';
  readonly pipeline: number;
}

export interface RespTarget {
  readonly port: number;
  readonly pid: number | undefined;
}

const hasRedisBenchmark = findInstalled('redis-benchmark', '--version') !== undefined;
/** Its clock counts whole ms. */
const requestsMin = 5000;

const waitMsMax = 1000;

export const respGenerator = hasRedisBenchmark ? 'redis-benchmark' : 'the benchmark itself';

/** Writes every key once. */
export async function writeAllRespKeys(port: number): Promise<void> {
  const pipeline = 100;
  const requests = pipelined(
    Array.from({ length: keyCount }, (_, index) => set(index)),
    pipeline,
  );
  const open = (at: number) => RespChannel.open(at, pipeline);
  const target = { port, pid: undefined, requests, connections: 1 };
  const { answers } = await runLoad({
    ...target,
    open,
    pipeline,
    durationMs: 60_000,
    requestsMax: requests.length,
  });
  if (answers !== keyCount) throw new Error(`${keyCount - answers} keys could not be written`);
}

/**
 * One server under work of one kind, by redis-benchmark if it is installed, else by this process.
 * @param perSecond - what is to be expected, which says how many requests make `durationMs`
 */
export function runRespLoad(
  { port, pid }: RespTarget,
  { command, pipeline }: RespWork & { readonly command: 'get' | 'set' },
  amount: { readonly connections: number; readonly durationMs: number; readonly perSecond: number },
): Promise<LoadResult> {
  const { connections, durationMs, perSecond } = amount;
  if (!hasRedisBenchmark) {
    return runOwnRespLoad([{ port, pid, connections }], { command, pipeline }, durationMs);
  }
  const requests = Math.max(requestsMin, Math.round((perSecond * durationMs) / 1000));
  return runRedisBenchmark({ port, pid, command, pipeline, connections, requests });
}

/** Several servers at once, by this process. */
export function runOwnRespLoad(
  targets: readonly Omit<LoadTarget, 'requests'>[],
  { command, pipeline }: RespWork,
  durationMs: number,
): Promise<LoadResult> {
  const requests = pipelined(Array.from({ length: keyCount }, commandOf[command]), pipeline);
  return runSpreadLoad(
    targets.map((target) => ({ ...target, requests })),
    { durationMs, pipeline, open: (port) => RespChannel.open(port, pipeline * repliesTo(command)) },
  );
}

/** Keys in an order that has nothing to do with that of their names. */
const commandOf = {
  get: (_: unknown, index: number) => get(index * 7919),
  set: (_: unknown, index: number) => set(index * 7919),
  mixed: (_: unknown, index: number) => (index % 2 === 0 ? set(index * 7919) : get(index * 6007)),
  waited: (_: unknown, index: number) =>
    Buffer.concat([set(index * 7919), commandBytes('WAIT', '1', String(waitMsMax))]),
};

function repliesTo(command: RespWork['command']): number {
  return command === 'waited' ? 2 : 1;
}

function get(index: number): Buffer {
  return commandBytes('GET', redisBenchmarkKey(index));
}

function set(index: number): Buffer {
  return commandBytes('SET', redisBenchmarkKey(index), valueOf100Bytes(index));
}

function pipelined(commands: readonly Buffer[], pipeline: number): Buffer[] {
  return Array.from({ length: Math.floor(commands.length / pipeline) }, (_, index) =>
    Buffer.concat(commands.slice(index * pipeline, (index + 1) * pipeline)),
  );
}
