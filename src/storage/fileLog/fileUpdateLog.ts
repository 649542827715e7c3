import {
  containsDot,
  covers,
  formatVector,
  raise,
  type VersionVector,
} from '../../core/clock/versionVector.js';
import type { ReplicaId } from '../../core/ids.js';
import type { Update } from '../../core/update.js';
import { KvcError } from '../../errors.js';
import { encodeUpdateRecord } from '../../protocol/updateRecord.js';
import { checksumOf } from '../checksumOf.js';
import { assertHeld, assertNext, beyond, countBetween } from '../logClock.js';
import { SerialQueue } from '../serialQueue.js';
import type { LogStats, UpdateLog } from '../updateLog.js';
import { logDamage } from './logDamage.js';
import { LogWriter, type LogWriterOptions } from './logWriter.js';
import { readStored, type StoredUpdate } from './readStored.js';
import { RecentUpdates } from './recentUpdates.js';
import { readSegment } from './segment.js';
import type { SegmentChain } from './segmentChain.js';
import { SegmentRemoval } from './segmentRemoval.js';
import { segmentRecords } from './segmentRecords.js';

export interface FileUpdateLogOptions extends Omit<LogWriterOptions, 'onDurable'> {
  readonly recentBytesMax: number;
  /** Bytes that recovery cut off the end of the log: a flush that a crash interrupted. 0 after a clean end. */
  readonly tornBytes: number;
}

/** The update log in files; `openFileLog` makes one. See ARCHITECTURE.md for the format. */
export class FileUpdateLog implements UpdateLog {
  /** Bytes that recovery cut off the end of the log: a flush that a crash interrupted. 0 after a clean end. */
  readonly tornBytes: number;
  readonly #dir: string;
  readonly #chain: SegmentChain;
  readonly #writer: LogWriter;
  readonly #removal: SegmentRemoval;
  readonly #recent: RecentUpdates;
  readonly #clock: Map<ReplicaId, number>;
  #clockCopy: VersionVector | undefined;
  #appended = 0;
  #jumping = false;
  /** Truncations and jumps. */
  readonly #turns = new SerialQueue();
  #closing: Promise<void> | undefined;

  constructor(chain: SegmentChain, options: FileUpdateLogOptions) {
    this.tornBytes = options.tornBytes;
    this.#dir = options.dir;
    this.#chain = chain;
    this.#recent = new RecentUpdates(options.recentBytesMax);
    this.#writer = new LogWriter(chain, { ...options, onDurable: (sequence) => this.#recent.trim(sequence) });
    this.#removal = new SegmentRemoval(chain, this.#writer, options);
    this.#clock = new Map(chain.active.end());
  }

  get clock(): VersionVector {
    return (this.#clockCopy ??= new Map(this.#clock));
  }

  get start(): VersionVector {
    return this.#chain.start;
  }

  append(update: Update): number {
    this.#assertOpen();
    this.#writer.assertSound();
    if (this.#jumping) throw new KvcError('KVC_E_INTERNAL', 'the log was appended to while it jumped');
    assertNext(this.#clock, update);
    const record = encodeUpdateRecord(update);
    const checksum = checksumOf(record, 0, record.length);
    this.#appended += 1;
    this.#writer.enqueue({ replica: update.dot.replica, record, checksum });
    this.#recent.add({ update, sequence: this.#appended, length: record.length, checksum });
    this.#clock.set(update.dot.replica, update.dot.counter);
    this.#clockCopy = undefined;
    return this.#appended;
  }

  async flush(): Promise<number> {
    this.#assertOpen();
    return this.#writer.flushTo(this.#appended);
  }

  conflicts(update: Update): boolean {
    this.#assertOpen();
    if (!containsDot(this.#clock, update.dot) || containsDot(this.start, update.dot)) return false;
    const known = this.#checksumOf(update);
    if (known === undefined) return false;
    const record = encodeUpdateRecord(update);
    return known !== checksumOf(record, 0, record.length);
  }

  async read(origin: ReplicaId, first: number, last: number, bytesMax: number): Promise<Update[]> {
    this.#assertOpen();
    const updates: Update[] = [];
    let bytes = 0;
    while (first + updates.length <= last && (updates.length === 0 || bytes < bytesMax)) {
      const range = { first: first + updates.length, last, bytesMax: bytesMax - bytes };
      assertHeld({ start: this.start, clock: this.#clock }, origin, range.first, last);
      for (const { update, length } of await this.#readSome(origin, range)) {
        bytes += length;
        if (updates.length > 0 && bytes > bytesMax) return updates;
        updates.push(update);
      }
    }
    return updates;
  }

  /** Reads one segment at a time, and none that `after` covers. */
  async *replay(after: VersionVector): AsyncGenerator<Update, void, undefined> {
    this.#assertOpen();
    const { start, all: segments } = this.#chain;
    const bytes = segments.map((segment) => segment.bytes);
    if (!covers(after, start)) {
      const why = `it begins after ${formatVector(start)}, but what follows ${formatVector(after)} is asked for`;
      throw logDamage(this.#dir, 0, why);
    }
    for (const [position, segment] of segments.entries()) {
      const end = segments[position + 1]?.before;
      if (covers(after, end ?? this.#clock)) continue;
      const content = await readSegment(segment, bytes[position]);
      for (const { update } of segmentRecords(content, segment, end)) {
        if (!containsDot(after, update.dot)) yield update;
      }
    }
  }

  async truncate(covered: VersionVector, keepBytes = 0): Promise<number> {
    this.#assertOpen();
    return this.#turns.run(() => this.#removal.truncate(covered, keepBytes));
  }

  async jump(to: VersionVector): Promise<void> {
    this.#assertOpen();
    this.#writer.assertSound();
    return this.#turns.run(() => this.#jump(to));
  }

  stats(): LogStats {
    this.#assertOpen();
    const { start, bytes, segments } = this.#chain;
    return { updates: countBetween(start, this.#clock), bytes, segments };
  }

  /** May be called again. Rejects like `flush`, after releasing everything, if the last flush fails. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#writer.flushTo(this.#appended);
    } finally {
      await this.#turns.idle();
      await this.#writer.close();
    }
  }

  async #jump(to: VersionVector): Promise<void> {
    const leap = beyond(this.#clock, to);
    if (leap.size === 0) return;
    this.#jumping = true;
    try {
      await this.#writer.flushTo(this.#appended);
      await this.#writer.rotate(leap);
      // Of an origin, it takes only counters that follow each other.
      this.#recent.clear();
      raise(this.#clock, leap);
      this.#clockCopy = undefined;
    } finally {
      this.#jumping = false;
    }
  }

  async #readSome(
    origin: ReplicaId,
    range: { readonly first: number; readonly last: number; readonly bytesMax: number },
  ): Promise<StoredUpdate[]> {
    const recent: StoredUpdate[] = [];
    let bytes = 0;
    for (let counter = range.first; counter <= range.last && bytes <= range.bytesMax; counter += 1) {
      const found = this.#recent.find({ replica: origin, counter });
      if (found === undefined) break;
      bytes += found.length;
      recent.push(found);
    }
    return recent.length > 0 ? recent : readStored(this.#chain, origin, range);
  }

  #checksumOf({ dot }: Update): number | undefined {
    const recent = this.#recent.find(dot);
    if (recent !== undefined) return recent.checksum;
    const segment = this.#chain.holding(dot);
    try {
      return segment && this.#chain.indexSync(segment).find(dot)?.checksum;
    } catch (error) {
      // What cannot be read is not known; whoever needs it is told when it is read.
      if (error instanceof KvcError) return undefined;
      throw error;
    }
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new KvcError('KVC_E_CLOSED', `the update log in ${this.#dir} is closed`);
  }
}
