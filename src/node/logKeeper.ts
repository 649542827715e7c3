import type { VersionVector } from '../core/clock/versionVector.js';
import { commonPart } from '../core/stability.js';
import type { Replica } from '../core/replica.js';
import { hasCode, messageOf, type KvcError } from '../errors.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Log } from './log.js';

/** How often it is looked what can go. */
const intervalMs = 500;

export interface LogKeeperParts {
  readonly replica: Replica;
  readonly log: UpdateLog;
  readonly limits: NodeLimits;
  readonly report: Log;
  /** What the store holds durably: what has gone from the log must be there. */
  readonly checkpointed: () => VersionVector;
  /** The log has failed: the node must not go on. */
  readonly onFailure: (error: KvcError) => void;
}

/**
 * Keeps the log short: what every member has goes, and beyond the limit the oldest goes in any case; a peer that still lacks
 * it gets a snapshot.
 */
export class LogKeeper {
  readonly #parts: LogKeeperParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(parts: LogKeeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.#begin(), intervalMs).unref();
  }

  /** Waits for what it does at the moment. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  #begin(): void {
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #run(): Promise<void> {
    const { replica, log, limits, checkpointed } = this.#parts;
    const stored = checkpointed();
    await log.truncate(commonPart([replica.membership.withFinals(replica.stable), stored]));
    if (log.stats().bytes > limits.logBytesMax) await log.truncate(stored, limits.logBytesMax);
  }

  /** A log that cannot be shortened is no danger at once; the next attempt may succeed, and the log itself tells if it is broken. */
  #failed(error: unknown): void {
    if (hasCode(error, 'KVC_E_LOG_FAILED')) return this.#parts.onFailure(error);
    if (!this.#closed)
      this.#parts.report('warn', 'the update log could not be shortened', { error: messageOf(error) });
  }
}
