import { randomBytes } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import type { VersionVector } from '../../core/clock/versionVector.js';
import type { ReplicaId } from '../../core/ids.js';
import { syncDir } from '../durableFile.js';
import { encodeGroup, frameHeadBytes } from './recordFrame.js';
import { segmentPath, type Segment } from './segment.js';
import { encodeSegmentHeader } from './segmentHeader.js';
import { SegmentIndex } from './segmentIndex.js';

/** An update on its way to disk. */
export interface LogRecord {
  readonly replica: ReplicaId;
  readonly record: Uint8Array;
  readonly checksum: number;
}

/** The last segment: the one that is written. */
export class ActiveSegment {
  readonly segment: Segment;
  readonly index: SegmentIndex;
  readonly #handle: FileHandle;
  #group: number;

  /** @param group The number of the last flush group in the file, 0 if there is none. */
  constructor(segment: Segment, index: SegmentIndex, handle: FileHandle, group: number) {
    this.segment = segment;
    this.index = index;
    this.#handle = handle;
    this.#group = group;
  }

  get isEmpty(): boolean {
    return this.segment.bytes === this.segment.headerBytes;
  }

  /** Writes records as one flush group and makes them durable. One call at a time. */
  async write(records: readonly LogRecord[]): Promise<void> {
    this.#group += 1;
    const { segment } = this;
    const bytes = encodeGroup(
      records.map(({ record }) => record),
      this.#group,
      segment.salt,
    );
    let offset = segment.bytes;
    for (const { replica, record, checksum } of records) {
      this.index.add(replica, { offset: offset + frameHeadBytes, length: record.length, checksum });
      offset += frameHeadBytes + record.length;
    }
    await writeFully(this.#handle, bytes, segment.bytes);
    await this.#handle.datasync();
    segment.bytes += bytes.length;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Creates a segment whose header is durable, and so is its name, before it can take a record. */
export async function createSegment(
  dir: string,
  clusterId: string,
  number: number,
  start: VersionVector,
): Promise<ActiveSegment> {
  const header = { clusterId, number, salt: randomBytes(4).readUInt32LE(), start };
  const bytes = encodeSegmentHeader(header);
  const path = segmentPath(dir, number);
  const handle = await open(path, 'wx', 0o600);
  try {
    await writeFully(handle, bytes, 0);
    await handle.sync();
    await syncDir(dir);
  } catch (error) {
    await handle.close();
    await unlink(path);
    throw error;
  }
  const segment = { ...header, path, headerBytes: bytes.length, bytes: bytes.length };
  return new ActiveSegment(segment, new SegmentIndex(start), handle, 0);
}

/** A write may take fewer bytes than it was given, on a disk that is nearly full for one. */
async function writeFully(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    if (bytesWritten === 0) throw new Error('the disk took no bytes');
    written += bytesWritten;
  }
}
