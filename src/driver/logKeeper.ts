import type { VersionVector } from '../core/clock/versionVector.js';
import { commonPart } from '../core/stability.js';
import type { Replica } from '../core/replica.js';
import { hasCode, messageOf, type KvcError } from '../errors.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Log } from './log.js';
import { RecurringTask } from './recurringTask.js';
import type { Time } from './time.js';

/** How often it is looked what can go. */
const intervalMs = 500;

export interface LogKeeperParts {
  readonly time: Time;
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
 * Keeps the log short: what every member has goes, but for as much as is kept for watches that go on from an earlier point;
 * beyond the limit the oldest goes in any case, and a peer that still lacks it gets a snapshot.
 */
export class LogKeeper {
  readonly #parts: LogKeeperParts;
  readonly #task: RecurringTask;

  constructor(parts: LogKeeperParts) {
    this.#parts = parts;
    this.#task = new RecurringTask({
      time: parts.time,
      intervalMs,
      run: () => this.#run(),
      onFailure: (error) => this.#failed(error),
    });
  }

  start(): void {
    this.#task.start();
  }

  /** Waits for what it does at the moment. */
  close(): Promise<void> {
    return this.#task.close();
  }

  async #run(): Promise<void> {
    const { replica, log, limits, checkpointed } = this.#parts;
    const { logBytesMax, logKeptBytes } = limits;
    const stored = checkpointed();
    const common = commonPart([replica.membership.withFinals(replica.stable), stored]);
    await log.truncate(common, Math.min(logKeptBytes, logBytesMax));
    if (log.stats().bytes > logBytesMax) await log.truncate(stored, logBytesMax);
  }

  /** A log that cannot be shortened is no danger at once; the next attempt may succeed, and the log itself tells if it is broken. */
  #failed(error: unknown): void {
    if (hasCode(error, 'KVC_E_LOG_FAILED')) return this.#parts.onFailure(error);
    if (!this.#task.isClosed)
      this.#parts.report('warn', 'the update log could not be shortened', { error: messageOf(error) });
  }
}
