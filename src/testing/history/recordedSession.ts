import type { Access, Operation, Write } from '../../check/history.js';
import type { Dot } from '../../client/library/entry.js';
import { KvcError } from '../../errors.js';
import { nameOf } from './accesses.js';
import type { HistoryLog } from './historyLog.js';

/** An operation that is under way. */
export interface Begun {
  /** It returned this; it may be told in parts, for what a later part depends on. */
  read(accesses: readonly Access[], replica?: string): void;
  wrote(writes: readonly Write[], dot: Dot, replica: string): void;
  /** The writes failed: certainly, or maybe not. */
  failed(writes: readonly Write[], error: unknown): void;
}

/**
 * The session of one client. In a history a session does one thing after the other, so what a client does at the same time is
 * told of as several sessions, `alice`, `alice~2` and so on, each of which does one thing after the other.
 */
export class RecordedSession {
  readonly #name: string;
  readonly #log: HistoryLog;
  readonly #busy = new Set<number>();
  #forks = 0;

  constructor(name: string, log: HistoryLog) {
    this.#name = name;
    this.#log = log;
  }

  get log(): HistoryLog {
    return this.#log;
  }

  fork(): RecordedSession {
    this.#forks += 1;
    return new RecordedSession(`${this.#name}/${this.#forks}`, this.#log);
  }

  /** @throws KvcError KVC_E_MESSAGE_TOO_LARGE before anything is done, and what `work` throws */
  async record<T>(work: (begun: Begun) => Promise<T>): Promise<T> {
    this.#log.requireRoom();
    const lane = this.#freeLane();
    this.#busy.add(lane);
    try {
      return await work(this.#begin(lane === 1 ? this.#name : `${this.#name}~${lane}`));
    } finally {
      this.#busy.delete(lane);
    }
  }

  #freeLane(): number {
    let lane = 1;
    while (this.#busy.has(lane)) lane += 1;
    return lane;
  }

  #begin(session: string): Begun {
    const startMs = this.#log.now();
    const add = (accesses: readonly Access[], rest: Pick<Operation, 'status' | 'replica'>): void => {
      if (accesses.length === 0) return;
      const isTxn = accesses.length > 1;
      const times = { startMs, endMs: this.#log.now() };
      this.#log.add({ session, accesses, isTxn, ...times, isFinal: false, ...rest });
    };
    return {
      read: (accesses, replica) => add(accesses, { status: 'ok', ...(replica !== undefined && { replica }) }),
      wrote: (writes, dot, replica) => {
        const wid = nameOf(dot);
        add(
          writes.map((write) => ({ ...write, wid })),
          { status: 'ok', replica },
        );
      },
      failed: (writes, error) => add(writes, { status: isDefinite(error) ? 'fail' : 'info' }),
    };
  }
}

function isDefinite(error: unknown): boolean {
  return error instanceof KvcError && error.kind.definite;
}
