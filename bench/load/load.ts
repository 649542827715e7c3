import type { Channel } from '../../src/load/channel.js';
import { runClosedLoop } from '../../src/load/closedLoop.js';
import { Connection } from '../../src/load/connection.js';
import { cpuMsOfAll } from '../processes/cpuTime.js';

/** A server, and what is sent to it. */
export interface LoadTarget {
  readonly port: number;
  /** The process that serves, to measure its processor time. */
  readonly pid: number | undefined;
  /** Sent in turn, over and over. */
  readonly requests: readonly Buffer[];
  readonly connections: number;
}

export interface LoadAmount {
  /** It ends after so long, or after so many requests to each target, whichever comes first. */
  readonly durationMs: number;
  readonly requestsMax?: number;
  /** How the servers are spoken to. Default: HTTP. */
  readonly open?: (port: number) => Promise<Channel>;
  /** How many answers are counted for each request that is answered. Default 1. */
  readonly pipeline?: number;
}

export type LoadOptions = LoadTarget & LoadAmount;

export interface LoadResult {
  /** Requests that were answered as they should. */
  readonly answers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests that were refused, and lost connections. */
  readonly errors: number;
  /** Processor time of what makes the load, as a share of the duration: near 1 it measures itself and not the server. */
  readonly generatorBusy: number;
  /** Processor time of the server per request; undefined where the system does not tell. */
  readonly serverCpuUs: number | undefined;
}

/** Keeps every connection busy with one request at a time (a closed loop), and counts what is answered in time. */
export function runLoad(options: LoadOptions): Promise<LoadResult> {
  return runSpreadLoad([options], options);
}

/** The same at several servers at once; the result is that of all together. */
export async function runSpreadLoad(
  targets: readonly LoadTarget[],
  { durationMs, requestsMax, open, pipeline = 1 }: LoadAmount,
): Promise<LoadResult> {
  const pids = targets.map(({ pid }) => pid);
  const serverCpuMs = cpuMsOfAll(pids);
  const { latencies, elapsedMs, refused, lost, generatorBusy } = await runClosedLoop(
    targets.map(({ port, connections, requests }) => ({ port, connections, nextRequest: inTurn(requests) })),
    {
      durationMs,
      open: open ?? ((port) => Connection.open(port)),
      ...(requestsMax === undefined ? {} : { requestsMax }),
    },
  );
  const answers = latencies.count * pipeline;
  return {
    answers,
    perSecond: (answers / elapsedMs) * 1000,
    p50Ms: latencies.percentile(50),
    p99Ms: latencies.percentile(99),
    errors: refused + lost,
    generatorBusy,
    serverCpuUs: cpuUsEach(serverCpuMs, cpuMsOfAll(pids), answers),
  };
}

/** Processor time per request; undefined where the system does not tell. */
export function cpuUsEach(
  beforeMs: number | undefined,
  afterMs: number | undefined,
  requests: number,
): number | undefined {
  if (beforeMs === undefined || afterMs === undefined) return undefined;
  return ((afterMs - beforeMs) * 1000) / requests;
}

function inTurn(requests: readonly Buffer[]): () => Buffer {
  let sent = 0;
  return () => {
    const request = requests[sent % requests.length];
    if (request === undefined) throw new RangeError('there is nothing to send');
    sent += 1;
    return request;
  };
}
