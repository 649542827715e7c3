import { asKvcError, hasCode, type KvcError } from '../errors.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Log } from './log.js';
import type { Time, Timer } from './time.js';

/** After a flush that found no room on the disk, the next attempt. */
const retryMs = 200;

export interface FlusherParts {
  readonly log: UpdateLog;
  readonly time: Time;
  readonly report: Log;
  /** Called with the sequence number up to which the log is durable. */
  readonly onFlushed: (sequence: number) => void;
  /** The log has failed: the node must not go on. */
  readonly onFailure: (error: KvcError) => void;
}

/** Makes the log durable, and tries again where the disk has no room: what was appended waits in memory meanwhile. */
export class Flusher {
  readonly #parts: FlusherParts;
  #retry: Timer | undefined;
  #flushingSinceMs: number | undefined;
  #diskFull: KvcError | undefined;
  #stopped = false;
  #isFlushing = false;
  #isDue = false;

  constructor(parts: FlusherParts) {
    this.#parts = parts;
  }

  /** How long what is not durable yet has been waiting. */
  get waitedMs(): number {
    return this.#flushingSinceMs === undefined ? 0 : this.#parts.time.now() - this.#flushingSinceMs;
  }

  /** What the last flush failed with, while the disk has no room. */
  get diskFull(): KvcError | undefined {
    return this.#diskFull;
  }

  /** One at a time: what is appended meanwhile is flushed by the next one. */
  flush(): void {
    this.#flushingSinceMs ??= this.#parts.time.now();
    if (this.#isFlushing) {
      this.#isDue = true;
      return;
    }
    this.#isFlushing = true;
    this.#isDue = false;
    this.#parts.log.flush().then(
      (sequence) => this.#flushed(sequence),
      (error: unknown) => this.#failed(asKvcError(error)),
    );
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
  }

  #flushed(sequence: number): void {
    this.#isFlushing = false;
    this.#flushingSinceMs = undefined;
    this.#diskFull = undefined;
    // Before it is told what is durable: what that sets off takes time which the disk need not wait.
    if (this.#isDue && !this.#stopped) this.flush();
    this.#parts.onFlushed(sequence);
  }

  #failed(error: KvcError): void {
    this.#isFlushing = false;
    if (error.code !== 'KVC_E_DISK_FULL') return this.#parts.onFailure(error);
    if (this.#stopped) return;
    if (this.#diskFull === undefined) this.#parts.report('error', error.message, { code: error.code });
    this.#diskFull = error;
    this.#retry ??= this.#parts.time.after(retryMs, () => {
      this.#retry = undefined;
      this.flush();
    });
  }
}
