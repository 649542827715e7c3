import type { HistoryLine } from '../check/historyLine.js';
import type { KvcError } from '../errors.js';
import type { ClockJson } from '../protocol/api.js';
import { RecentKeys } from './recentKeys.js';
import { SeenClock } from './seenClock.js';

/** So many operations can be judged within the memory of a laptop. */
export const operationsMax = 100_000;

export interface ClientTally {
  /** Writes that were answered when they were sent again, by the same dot as before. */
  deduplicated: number;
  /** Writes that two nodes took, each under a dot of its own. */
  twins: number;
  /** Writes without an answer that were sent again. */
  retried: number;
  moves: number;
  sessions: number;
  /** Sessions that had seen what no node has any more. */
  sessionsLost: number;
  /** By code of error. */
  readonly failures: Map<string, number>;
}

/** What clients did and saw, from outside: one line for each operation when it has ended. */
export class Recorder {
  readonly lines: HistoryLine[] = [];
  readonly recent = new RecentKeys();
  readonly seen = new SeenClock();
  readonly tally: ClientTally = {
    deduplicated: 0,
    twins: 0,
    retried: 0,
    moves: 0,
    sessions: 0,
    sessionsLost: 0,
    failures: new Map(),
  };
  #answeredAtMs = performance.now();
  #longestGapMs = 0;
  #startedAtMs = performance.now();

  /** The clients begin now. */
  start(): void {
    this.#startedAtMs = performance.now();
    this.#answeredAtMs = this.#startedAtMs;
  }

  /** ms since the start, of the one clock of all lines. */
  now(): number {
    return Math.round((performance.now() - this.#startedAtMs) * 1000) / 1000;
  }

  get isFull(): boolean {
    return this.lines.length >= operationsMax;
  }

  /** The longest time in which no client got any answer. */
  get longestGapMs(): number {
    return Math.round(this.#longestGapMs);
  }

  add(line: HistoryLine): void {
    this.lines.push(line);
    if (line.status !== 'ok' || line.type === 'read') return;
    for (const access of line.ops ?? [line]) {
      if (access.type !== 'read' && access.key !== undefined) this.recent.add(access.key);
    }
  }

  /** Some client got an answer, in which a node says what it has delivered. */
  answered(clock: ClockJson): void {
    const now = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#answeredAtMs);
    this.#answeredAtMs = now;
    this.seen.add(clock);
  }

  failed({ code }: KvcError): void {
    const { failures } = this.tally;
    failures.set(code, (failures.get(code) ?? 0) + 1);
  }
}
