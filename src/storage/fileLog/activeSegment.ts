import type { VersionVector } from '../../core/clock/versionVector.js';
import type { ReplicaId } from '../../core/ids.js';
import { hasCode } from '../../errors.js';
import type { OpenedFile } from '../files.js';
import { rethrowFull } from './diskFull.js';
import { encodeGroup, frameHeadBytes } from './recordFrame.js';
import type { Segment } from './segment.js';
import type { SegmentIndex } from './segmentIndex.js';
import { writeFully } from '../writeFully.js';

/** An update on its way to disk. */
export interface LogRecord {
  readonly replica: ReplicaId;
  readonly record: Uint8Array;
  readonly checksum: number;
}

/** The last segment: the one that is written. */
export class ActiveSegment {
  readonly segment: Segment;
  /** Of what is durable. */
  readonly index: SegmentIndex;
  readonly #file: OpenedFile;
  #group: number;

  /**
   * @param file - writes through
   * @param group - the number of the last flush group in the file, 0 if there is none
   */
  constructor(segment: Segment, index: SegmentIndex, file: OpenedFile, group: number) {
    this.segment = segment;
    this.index = index;
    this.#file = file;
    this.#group = group;
  }

  get recordBytes(): number {
    return this.segment.bytes - this.segment.headerBytes;
  }

  /** What the log holds once it is sealed. */
  end(): VersionVector {
    return this.index.end();
  }

  /**
   * Writes records as one flush group and makes them durable. One call at a time.
   * @throws KvcError KVC_E_DISK_FULL if there is no room: then the segment is as it was
   */
  async write(records: readonly LogRecord[]): Promise<void> {
    const { segment } = this;
    const bytes = encodeGroup(
      records.map(({ record }) => record),
      this.#group + 1,
      segment.salt,
    );
    await this.#append(bytes);
    this.#group += 1;
    this.#addToIndex(records);
    segment.bytes += bytes.length;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #append(bytes: Buffer): Promise<void> {
    const { path, bytes: durableBytes } = this.segment;
    try {
      await writeFully(this.#file, bytes, durableBytes).catch(rethrowFull(path));
    } catch (error) {
      if (hasCode(error, 'KVC_E_DISK_FULL')) await this.#cutBack();
      throw error;
    }
  }

  /** Durably: else a crash could show records of a flush that has failed. */
  async #cutBack(): Promise<void> {
    await this.#file.truncate(this.segment.bytes);
    await this.#file.datasync();
  }

  #addToIndex(records: readonly LogRecord[]): void {
    let offset = this.segment.bytes;
    for (const { replica, record, checksum } of records) {
      this.index.add(replica, { offset: offset + frameHeadBytes, length: record.length, checksum });
      offset += frameHeadBytes + record.length;
    }
  }
}
