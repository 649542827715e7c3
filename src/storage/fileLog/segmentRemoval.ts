import { covers, type VersionVector } from '../../core/clock/versionVector.js';
import { hasCode } from '../../errors.js';
import type { Files } from '../files.js';
import { rethrowFull } from './diskFull.js';
import type { LogWriter } from './logWriter.js';
import type { Segment } from './segment.js';
import type { SegmentChain } from './segmentChain.js';

/** An active segment with fewer bytes of records is not worth a new file. */
const idleBytesMax = 1024 * 1024;

/** Truncates the log by removing whole segments from its beginning. One call at a time. */
export class SegmentRemoval {
  readonly #chain: SegmentChain;
  readonly #writer: LogWriter;
  readonly #dir: string;
  readonly #files: Files;
  readonly #idleBytesMax: number;
  /** No longer part of the log, but its file may still be there. */
  #dropped: Segment | undefined;

  constructor(
    chain: SegmentChain,
    writer: LogWriter,
    options: { readonly dir: string; readonly files: Files; readonly segmentBytesMax: number },
  ) {
    this.#chain = chain;
    this.#writer = writer;
    this.#dir = options.dir;
    this.#files = options.files;
    this.#idleBytesMax = Math.min(idleBytesMax, options.segmentBytesMax / 8);
  }

  /** See `UpdateLog.truncate`. */
  async truncate(covered: VersionVector, keepBytes: number): Promise<number> {
    this.#writer.assertSound();
    let freedBytes = await this.#removeSealed(covered, keepBytes);
    if (keepBytes === 0 && this.#isActiveWaste(covered)) {
      await this.#writer.rotate();
      freedBytes += await this.#removeSealed(covered, keepBytes);
    }
    return freedBytes;
  }

  async #removeSealed(covered: VersionVector, keepBytes: number): Promise<number> {
    let freedBytes = 0;
    await this.#removeDropped();
    for (;;) {
      const { bytes, firstEnd } = this.#chain;
      if (bytes <= keepBytes || firstEnd === undefined || !covers(covered, firstEnd)) return freedBytes;
      this.#dropped = this.#chain.dropFirst();
      freedBytes += this.#dropped?.bytes ?? 0;
      await this.#removeDropped();
    }
  }

  /** Each is durably gone before the next one goes: a crash must not leave a hole in the chain. */
  async #removeDropped(): Promise<void> {
    if (this.#dropped === undefined) return;
    const { path } = this.#dropped;
    try {
      // Some file systems need room even to remove a file.
      await this.#files.remove(path).catch(rethrowFull(path));
      await this.#files.syncDir(this.#dir);
    } catch (error) {
      throw hasCode(error, 'KVC_E_DISK_FULL') ? error : this.#writer.fail(error);
    }
    this.#dropped = undefined;
  }

  /** A log that is idle would else keep up to a whole segment of what nobody needs. */
  #isActiveWaste(covered: VersionVector): boolean {
    const { active, segments } = this.#chain;
    if (segments > 1 || !this.#writer.isIdle) return false;
    return active.recordBytes > this.#idleBytesMax && covers(covered, active.end());
  }
}
