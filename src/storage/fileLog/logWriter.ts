import { emptyVector, type VersionVector } from '../../core/clock/versionVector.js';
import { Fifo } from '../../core/fifo.js';
import { hasCode, KvcError, messageOf } from '../../errors.js';
import type { LogRecord } from './activeSegment.js';
import { createSegment } from './createSegment.js';
import type { LogPlace } from './logPlace.js';
import type { SegmentChain } from './segmentChain.js';

export interface LogWriterOptions extends LogPlace {
  readonly segmentBytesMax: number;
  /** Called after each flush with the sequence number up to which the log is durable. */
  readonly onDurable: (sequence: number) => void;
}

/** What one flush writes at most, unless one record alone is larger: it bounds a segment, and what recovery reads. */
const groupBytesMax = 4 * 1024 * 1024;

/**
 * Group commit: at most one write under way, which is durable when it ends, and what is queued meanwhile goes with the next. So a crash can
 * tear the last group only, on which recovery relies.
 */
export class LogWriter {
  readonly #chain: SegmentChain;
  readonly #options: LogWriterOptions;
  readonly #queue = new Fifo<LogRecord>();
  /** Taken from the queue to be written next: it stays here while the disk has no room for it. */
  #group: readonly LogRecord[] = [];
  /** The flush or rotation under way. */
  #working: Promise<void> | undefined;
  #durable = 0;
  #failure: KvcError | undefined;

  constructor(chain: SegmentChain, options: LogWriterOptions) {
    this.#chain = chain;
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#working === undefined;
  }

  enqueue(record: LogRecord): void {
    this.#queue.push(record);
  }

  /** @throws KvcError KVC_E_LOG_FAILED once the log could not be changed, but for want of room */
  assertSound(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** To be called when the disk refused a change: from now on nothing is. */
  fail(cause: unknown): KvcError {
    this.#failure ??= failed(this.#options.dir, cause);
    return this.#failure;
  }

  /**
   * Resolves once the log is durable up to `sequence` (1 being the first record queued), with how far it then is.
   * @throws KvcError KVC_E_DISK_FULL if there is no room: the records wait for a later call; KVC_E_LOG_FAILED
   */
  async flushTo(sequence: number): Promise<number> {
    for (;;) {
      this.assertSound();
      if (this.#durable >= sequence) return this.#durable;
      this.#working ??= this.#work(() => this.#flushGroup());
      await this.#working;
    }
  }

  /**
   * Seals the active segment and goes on with a new one, behind `leap`. Records of its origins must not be queued.
   * @throws KvcError KVC_E_DISK_FULL if there is no room: then nothing has changed; KVC_E_LOG_FAILED
   */
  async rotate(leap: VersionVector = emptyVector): Promise<void> {
    // Who asked for what is under way is told if it fails.
    while (this.#working !== undefined) await this.#working.catch(() => undefined);
    this.assertSound();
    this.#working = this.#work(() => this.#rotate(leap));
    await this.#working;
  }

  /** Releases the file, after what is under way. Nothing may be queued or flushed after it. */
  async close(): Promise<void> {
    await this.#working?.catch(() => undefined);
    await this.#chain.active.close();
  }

  async #work(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      throw hasCode(error, 'KVC_E_DISK_FULL') ? error : this.fail(error);
    } finally {
      this.#working = undefined;
    }
  }

  async #flushGroup(): Promise<void> {
    const { active } = this.#chain;
    if (active.recordBytes > 0 && active.segment.bytes >= this.#options.segmentBytesMax) await this.#rotate();
    if (this.#group.length === 0) this.#group = this.#takeGroup();
    await this.#chain.active.write(this.#group);
    this.#durable += this.#group.length;
    this.#group = [];
    this.#options.onDurable(this.#durable);
  }

  /** Between two groups all that the segment holds is durable, so that only the last segment can ever be torn. */
  async #rotate(leap?: VersionVector): Promise<void> {
    const { active } = this.#chain;
    this.#chain.advance(await createSegment(this.#options, active.segment.number + 1, active.end(), leap));
    await active.close();
  }

  #takeGroup(): LogRecord[] {
    let count = 0;
    let bytes = 0;
    for (let next = this.#queue.at(0); next !== undefined; next = this.#queue.at(count)) {
      bytes += next.record.length;
      if (count > 0 && bytes > groupBytesMax) break;
      count += 1;
    }
    return this.#queue.take(count);
  }
}

function failed(dir: string, cause: unknown): KvcError {
  return new KvcError(
    'KVC_E_LOG_FAILED',
    `writing the update log in ${dir} failed (${messageOf(cause)}): what the disk holds is unknown, so the node must stop. ` +
      'Check the disk, then start the node again: it recovers what is durable',
    { dir },
    { cause },
  );
}
