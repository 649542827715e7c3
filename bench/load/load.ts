import { ascending, percentile } from '../measure/statistics.js';
import { cpuMsOf } from '../processes/cpuTime.js';
import { Connection } from './connection.js';

export interface LoadOptions {
  readonly port: number;
  /** The process that serves, to measure its processor time. */
  readonly pid: number | undefined;
  /** Sent in turn, over and over. */
  readonly requests: readonly Buffer[];
  readonly connections: number;
  /** It ends after so long, or after so many requests, whichever comes first. */
  readonly durationMs: number;
  readonly requestsMax?: number;
}

export interface LoadResult {
  /** Answers with 200. */
  readonly answers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were not 200, and lost connections. */
  readonly errors: number;
  /** Processor time of this process, as a share of the duration: near 1 it measures itself and not the server. */
  readonly generatorBusy: number;
  /** Processor time of the server per request; undefined where the system does not tell. */
  readonly serverCpuUs: number | undefined;
}

/** Keeps every connection busy with one request at a time (a closed loop), and counts what is answered in time. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const connections = await Promise.all(
    Array.from({ length: options.connections }, () => Connection.open(options.port)),
  );
  try {
    return await measure(options, connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function measure(options: LoadOptions, connections: readonly Connection[]): Promise<LoadResult> {
  const run = new Run(options);
  const serverCpuMs = cpuMsOf(options.pid);
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  await Promise.all(connections.map((connection) => run.drive(connection)));
  const elapsedMs = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(cpu);
  const sorted = ascending(run.latenciesMs);
  const serverUsedMs = cpuMsOf(options.pid);
  return {
    answers: sorted.length,
    perSecond: (sorted.length / elapsedMs) * 1000,
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    errors: run.errors,
    generatorBusy: (user + system) / 1000 / elapsedMs,
    serverCpuUs:
      serverCpuMs === undefined || serverUsedMs === undefined
        ? undefined
        : ((serverUsedMs - serverCpuMs) * 1000) / sorted.length,
  };
}

class Run {
  readonly latenciesMs: number[] = [];
  errors = 0;
  readonly #requests: readonly Buffer[];
  readonly #endMs: number;
  readonly #sentMax: number;
  #sent = 0;

  constructor(options: LoadOptions) {
    this.#requests = options.requests;
    this.#endMs = performance.now() + options.durationMs;
    this.#sentMax = options.requestsMax ?? Infinity;
  }

  /** Sends until the end; resolves with the last answer. A connection that is lost sends no more. */
  drive(connection: Connection): Promise<void> {
    return new Promise((resolve) => {
      const next = (): void => {
        const sentMs = performance.now();
        const request = this.#requests[this.#sent % this.#requests.length];
        if (sentMs >= this.#endMs || this.#sent >= this.#sentMax || request === undefined) return resolve();
        this.#sent += 1;
        connection.send(request, ({ status }) => {
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
