import { asKvcError, hasCode, type KvcError } from '../errors.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Log } from './log.js';
import type { Time, Timer } from './time.js';

/** After a flush that found no room on the disk, the next attempt. */
const retryMs = 200;

/** A flush that takes less, in ms, is mostly one that wakes no other thread, as where nothing is kept on a disk: there is nothing to be saved. */
const slowFromMs = 0.2;

/** Where only peers wait, the disk is left alone so many times as long as its last flush took, and no longer than this, in ms. */
const restShare = 3;
const restMsMax = 5;

/** So many turns of the event loop, and so many ms, the clients have who were answered together, to write again before the next flush. */
const gatherTurns = 10;
const gatherMsMax = 1;
/** Where one turn takes longer than that, others have the node busy, and so many flushes wait for nobody. */
const hurriedFlushes = 50;

export interface FlusherParts {
  readonly log: UpdateLog;
  readonly time: Time;
  readonly report: Log;
  /** Called with the sequence number up to which the log is durable. */
  readonly onFlushed: (sequence: number) => void;
  /** The log has failed: the node must not go on. */
  readonly onFailure: (error: KvcError) => void;
}

/**
 * Makes the log durable, and tries again where the disk has no room: what was appended waits in memory meanwhile.
 *
 * What a flush takes of the processors is mostly what it takes to wake threads, and then clients and peers, however much it
 * writes. So few are made. Received updates can be seen already, and the sender has them: they wait for the next write of a
 * client, or a few ms, and with them who watches here, or wants to know elsewhere that they are durable here. And clients that were
 * answered together write together again, so a moment is given them to do so.
 */
export class Flusher {
  readonly #parts: FlusherParts;
  #retry: Timer | undefined;
  #rest: Timer | undefined;
  #waitingSinceMs: number | undefined;
  #begunMs = 0;
  #restUntilMs = 0;
  #diskFull: KvcError | undefined;
  #stopped = false;
  #isFlushing = false;
  #isGathering = false;
  /** Something was appended that the flush under way does not take. */
  #isDue = false;
  /** ... and so many updates of it are own ones, for which clients wait. */
  #own = 0;
  /** How many of those the flush under way takes. */
  #flushedOwn = 0;
  #hurried = 0;

  constructor(parts: FlusherParts) {
    this.#parts = parts;
  }

  /** How long what is not durable yet has been waiting. */
  get waitedMs(): number {
    return this.#waitingSinceMs === undefined ? 0 : this.#parts.time.now() - this.#waitingSinceMs;
  }

  /** What the last flush failed with, while the disk has no room. */
  get diskFull(): KvcError | undefined {
    return this.#diskFull;
  }

  /**
   * One at a time: what is appended meanwhile is flushed by the next one.
   * @param own - how many updates are new that clients wait for
   */
  flush(own: number): void {
    this.#waitingSinceMs ??= this.#parts.time.now();
    this.#isDue = true;
    this.#own += own;
    this.#beginIfDue();
  }

  /**
   * Flushes once more; a disk without room is not waited for.
   * @returns why not all is durable
   */
  async finish(): Promise<KvcError | undefined> {
    try {
      this.#isDue = false;
      this.#flushed(await this.#parts.log.flush());
      return undefined;
    } catch (error) {
      if (hasCode(error, 'KVC_E_DISK_FULL')) return error;
      throw error;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#rest?.cancel();
  }

  #beginIfDue(): void {
    if (!this.#isDue || this.#isFlushing || this.#isGathering || this.#stopped) return;
    const restMs = this.#own > 0 ? 0 : this.#restUntilMs - this.#parts.time.now();
    if (restMs <= 0) return this.#begin();
    this.#rest ??= this.#parts.time.after(restMs, () => {
      this.#rest = undefined;
      // Not judged again by the clock: it may lack less than it can tell apart, and would go on to.
      this.#restUntilMs = 0;
      this.#beginIfDue();
    });
  }

  #begin(): void {
    this.#rest?.cancel();
    this.#rest = undefined;
    this.#flushedOwn = this.#own;
    this.#own = 0;
    this.#isDue = false;
    this.#isFlushing = true;
    this.#begunMs = this.#parts.time.now();
    this.#parts.log.flush().then(
      (sequence) => this.#flushed(sequence),
      (error: unknown) => this.#failed(asKvcError(error)),
    );
  }

  #flushed(sequence: number): void {
    const nowMs = this.#parts.time.now();
    const tookMs = nowMs - this.#begunMs;
    this.#isFlushing = false;
    this.#waitingSinceMs = this.#isDue ? nowMs : undefined;
    this.#diskFull = undefined;
    if (tookMs >= slowFromMs) {
      this.#restUntilMs = nowMs + Math.min(restMsMax, restShare * tookMs);
      if (this.#hurried > 0) this.#hurried -= 1;
      else if (this.#flushedOwn > 1) this.#gather(0, nowMs);
    }
    // Before it is told what is durable: what that sets off takes time which the disk need not wait.
    this.#beginIfDue();
    this.#parts.onFlushed(sequence);
  }

  #gather(turns: number, sinceMs: number): void {
    const isLate = this.#parts.time.now() - sinceMs >= gatherMsMax;
    if (isLate && turns === 1) this.#hurried = hurriedFlushes;
    this.#isGathering = !isLate && turns < gatherTurns;
    if (this.#isGathering) this.#parts.time.soon(() => this.#gather(turns + 1, sinceMs));
    else this.#beginIfDue();
  }

  #failed(error: KvcError): void {
    this.#isFlushing = false;
    if (error.code !== 'KVC_E_DISK_FULL') return this.#parts.onFailure(error);
    if (this.#stopped) return;
    if (this.#diskFull === undefined) this.#parts.report('error', error.message, { code: error.code });
    this.#diskFull = error;
    this.#retry ??= this.#parts.time.after(retryMs, () => {
      this.#retry = undefined;
      this.flush(1);
    });
  }
}
