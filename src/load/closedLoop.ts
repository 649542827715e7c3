import type { Channel, Outcome } from './channel.js';
import { Histogram } from './histogram.js';

/** A server, and what is sent to it. */
export interface LoopTarget {
  readonly port: number;
  readonly connections: number;
  /** The next request: each is asked for when a connection is free for it. */
  readonly nextRequest: () => Buffer;
}

export interface LoopAmount {
  /** It ends after so long, or after so many requests to each target, whichever comes first. */
  readonly durationMs: number;
  readonly requestsMax?: number;
  /** How the servers are spoken to. */
  readonly open: (port: number) => Promise<Channel>;
  /** How long after the end answers may still come; then their connections are closed, and count as lost. Default 30 s. */
  readonly answerMsMax?: number;
  /** Ends it early: nothing more is sent, and what is under way is waited for, 2 s at most. What is not answered then is not counted. */
  readonly signal?: AbortSignal;
  /** Called four times a second. */
  readonly onProgress?: (answered: number, elapsedMs: number) => void;
}

export interface LoopResult {
  /** Of requests that were answered as they should, from sending to the whole answer. */
  readonly latencies: Histogram;
  /** To the last answer. */
  readonly elapsedMs: number;
  readonly refused: number;
  /** What the first refusal said, where the channel keeps it. */
  readonly refusal: string | undefined;
  /** Servers that lost a connection, each once. */
  readonly lostPorts: readonly number[];
  readonly lost: number;
  /** Processor time of this process as a share of the duration: near 1 it measures itself and not the server. */
  readonly generatorBusy: number;
}

const answerMsMaxDefault = 30_000;
const abortedMsMax = 2000;
const progressMs = 250;

/** Keeps every connection busy with one request at a time, and counts what is answered. */
export async function runClosedLoop(targets: readonly LoopTarget[], amount: LoopAmount): Promise<LoopResult> {
  const channels = new Set<Channel>();
  const closeAll = (): void => {
    for (const channel of channels) channel.close();
  };
  try {
    const opened = await Promise.all(targets.map((target) => openAll(target, amount, channels)));
    return await drive(targets, opened, amount, closeAll);
  } finally {
    closeAll();
  }
}

/** What is open is in `all` at once: it is to be closed also where another one cannot be opened. */
function openAll(
  { port, connections }: LoopTarget,
  { open }: LoopAmount,
  all: Set<Channel>,
): Promise<Channel[]> {
  return Promise.all(
    Array.from({ length: connections }, async () => {
      const channel = await open(port);
      all.add(channel);
      return channel;
    }),
  );
}

async function drive(
  targets: readonly LoopTarget[],
  channels: readonly (readonly Channel[])[],
  amount: LoopAmount,
  closeAll: () => void,
): Promise<LoopResult> {
  const { durationMs, answerMsMax = answerMsMaxDefault, signal, onProgress } = amount;
  const tally = new Tally();
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  const runs = targets.map((target) => new Run(target, amount, tally, beganMs + durationMs));
  let giveUp = setTimeout(closeAll, durationMs + answerMsMax);
  const endEarly = (): void => {
    clearTimeout(giveUp);
    giveUp = setTimeout(closeAll, abortedMsMax);
  };
  const ticks = setInterval(
    () => onProgress?.(tally.latencies.count, performance.now() - beganMs),
    progressMs,
  );
  signal?.addEventListener('abort', endEarly);
  try {
    await Promise.all(runs.flatMap((run, index) => (channels[index] ?? []).map((each) => run.drive(each))));
  } finally {
    clearTimeout(giveUp);
    clearInterval(ticks);
    signal?.removeEventListener('abort', endEarly);
  }
  const elapsedMs = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(cpu);
  return { ...tally.result(), elapsedMs, generatorBusy: (user + system) / 1000 / elapsedMs };
}

/** What all targets have come to together. */
class Tally {
  readonly latencies = new Histogram();
  readonly #lostPorts = new Set<number>();
  #refused = 0;
  #refusal: string | undefined;
  #lost = 0;

  refuse({ bytes }: Outcome): void {
    this.#refused += 1;
    this.#refusal ??= bytes?.toString();
  }

  lose(port: number): void {
    this.#lost += 1;
    this.#lostPorts.add(port);
  }

  result(): Omit<LoopResult, 'elapsedMs' | 'generatorBusy'> {
    const { latencies } = this;
    const lost = { lost: this.#lost, lostPorts: [...this.#lostPorts] };
    return { latencies, refused: this.#refused, refusal: this.#refusal, ...lost };
  }
}

/** The requests to one target. */
class Run {
  readonly #target: LoopTarget;
  readonly #tally: Tally;
  readonly #signal: AbortSignal | undefined;
  readonly #endMs: number;
  #left: number;

  constructor(target: LoopTarget, { requestsMax, signal }: LoopAmount, tally: Tally, endMs: number) {
    this.#target = target;
    this.#tally = tally;
    this.#signal = signal;
    this.#endMs = endMs;
    this.#left = requestsMax ?? Infinity;
  }

  /** Sends until the end; resolves with the last answer. A channel that is lost sends no more. */
  drive(channel: Channel): Promise<void> {
    return new Promise((resolve) => {
      const next = (): void => {
        const sentMs = performance.now();
        if (sentMs >= this.#endMs || this.#left <= 0 || this.#signal?.aborted === true) return resolve();
        this.#left -= 1;
        channel.send(this.#target.nextRequest(), (outcome) => {
          this.#take(outcome, sentMs);
          if (outcome.status === 0) resolve();
          else next();
        });
      };
      next();
    });
  }

  #take(outcome: Outcome, sentMs: number): void {
    if (outcome.status === 200) this.#tally.latencies.record(performance.now() - sentMs);
    else if (outcome.status !== 0) this.#tally.refuse(outcome);
    else if (this.#signal?.aborted !== true) this.#tally.lose(this.#target.port);
  }
}
