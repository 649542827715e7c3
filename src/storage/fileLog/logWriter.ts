import { KvcError, messageOf } from '../../errors.js';
import { createSegment, type LogRecord } from './activeSegment.js';
import { Fifo } from '../../core/fifo.js';
import type { SegmentChain } from './segmentChain.js';

export interface LogWriterOptions {
  readonly dir: string;
  readonly clusterId: string;
  readonly segmentBytesMax: number;
  /** Called after each flush with the sequence number up to which the log is durable. */
  readonly onDurable: (sequence: number) => void;
}

/** What one flush writes at most, unless one record alone is larger: it bounds a segment, and what recovery reads. */
const groupBytesMax = 4 * 1024 * 1024;

/**
 * Group commit: at most one write and fdatasync under way, and what is queued meanwhile goes with the next. So a crash can
 * tear the last group only, on which recovery relies.
 */
export class LogWriter {
  readonly #chain: SegmentChain;
  readonly #options: LogWriterOptions;
  readonly #queue = new Fifo<LogRecord>();
  #flushing: Promise<void> | undefined;
  #durable = 0;
  #failure: KvcError | undefined;

  constructor(chain: SegmentChain, options: LogWriterOptions) {
    this.#chain = chain;
    this.#options = options;
  }

  enqueue(record: LogRecord): void {
    this.#queue.push(record);
  }

  /** @throws KvcError KVC_E_LOG_FAILED once a write or a flush has failed */
  assertSound(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves once the log is durable up to `sequence` (1 being the first record queued), with how far it then is. */
  async flushTo(sequence: number): Promise<number> {
    for (;;) {
      this.assertSound();
      if (this.#durable >= sequence) return this.#durable;
      this.#flushing ??= this.#flushGroup().finally(() => {
        this.#flushing = undefined;
      });
      await this.#flushing;
    }
  }

  /** Releases the file, after a flush that is under way. Nothing may be queued or flushed after it. */
  async close(): Promise<void> {
    // Who asked for that flush is told if it fails.
    await this.#flushing?.catch(() => undefined);
    await this.#chain.active.close();
  }

  async #flushGroup(): Promise<void> {
    try {
      await this.#rotateIfFull();
      const group = this.#takeGroup();
      await this.#chain.active.write(group);
      this.#durable += group.length;
    } catch (cause) {
      this.#failure = failed(this.#options.dir, cause);
      throw this.#failure;
    }
    this.#options.onDurable(this.#durable);
  }

  /** Between two groups all that the segment holds is durable, so that only the last segment can ever be torn. */
  async #rotateIfFull(): Promise<void> {
    const { active } = this.#chain;
    const { dir, clusterId, segmentBytesMax } = this.#options;
    if (active.isEmpty || active.segment.bytes < segmentBytesMax) return;
    this.#chain.advance(await createSegment(dir, clusterId, active.segment.number + 1, active.index.end()));
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
      'Check the disk and its free space, then start the node again: it recovers what is durable',
    { dir },
    { cause },
  );
}
