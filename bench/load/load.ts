import { ascending, percentile } from '../measure/statistics.js';
import { cpuMsOfAll } from '../processes/cpuTime.js';
import type { Channel } from './channel.js';
import { Connection } from './connection.js';

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
export async function runSpreadLoad(targets: readonly LoadTarget[], amount: LoadAmount): Promise<LoadResult> {
  const open = amount.open ?? ((port: number) => Connection.open(port));
  const channels = await Promise.all(
    targets.map(({ port, connections }) =>
      Promise.all(Array.from({ length: connections }, () => open(port))),
    ),
  );
  try {
    return await measure(targets, channels, amount);
  } finally {
    for (const channel of channels.flat()) channel.close();
  }
}

async function measure(
  targets: readonly LoadTarget[],
  channels: readonly (readonly Channel[])[],
  amount: LoadAmount,
): Promise<LoadResult> {
  const pids = targets.map(({ pid }) => pid);
  const serverCpuMs = cpuMsOfAll(pids);
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  const runs = targets.map(({ requests }) => new Run(requests, amount));
  await Promise.all(
    runs.flatMap((run, index) => (channels[index] ?? []).map((channel) => run.drive(channel))),
  );
  const elapsedMs = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(cpu);
  const sorted = ascending(runs.flatMap(({ latenciesMs }) => latenciesMs));
  const answers = sorted.length * (amount.pipeline ?? 1);
  return {
    answers,
    perSecond: (answers / elapsedMs) * 1000,
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    errors: runs.reduce((sum, { errors }) => sum + errors, 0),
    generatorBusy: (user + system) / 1000 / elapsedMs,
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

class Run {
  readonly latenciesMs: number[] = [];
  errors = 0;
  readonly #requests: readonly Buffer[];
  readonly #endMs: number;
  readonly #sentMax: number;
  #sent = 0;

  constructor(requests: readonly Buffer[], { durationMs, requestsMax }: LoadAmount) {
    this.#requests = requests;
    this.#endMs = performance.now() + durationMs;
    this.#sentMax = requestsMax ?? Infinity;
  }

  /** Sends until the end; resolves with the last answer. A channel that is lost sends no more. */
  drive(channel: Channel): Promise<void> {
    return new Promise((resolve) => {
      const next = (): void => {
        const sentMs = performance.now();
        const request = this.#requests[this.#sent % this.#requests.length];
        if (sentMs >= this.#endMs || this.#sent >= this.#sentMax || request === undefined) return resolve();
        this.#sent += 1;
        channel.send(request, ({ status }) => {
          if (status === 200) this.latenciesMs.push(performance.now() - sentMs);
          else this.errors += 1;
          if (status === 0) resolve();
          else next();
        });
      };
      next();
    });
  }
}
