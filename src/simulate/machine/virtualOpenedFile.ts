import type { Files, OpenedFile, Writing } from '../../storage/files.js';
import type { FileNode } from './fileNode.js';
import type { Call, Lifeline } from './lifeline.js';
import type { MachineCounts } from './machineCounts.js';
import { systemError } from './systemError.js';
import type { VirtualDisk } from './virtualDisk.js';

export type OpenFlags = Parameters<Files['open']>[1];

/** A file that one life has opened. It stays with the file when the name goes to another. */
export class VirtualOpenedFile implements OpenedFile {
  readonly #file: FileNode;
  readonly #path: string;
  readonly #flags: OpenFlags;
  readonly #writing: Writing;
  readonly #disk: VirtualDisk;
  readonly #life: Lifeline;
  readonly #counts: MachineCounts;
  #isClosed = false;

  constructor(
    opened: {
      readonly file: FileNode;
      readonly path: string;
      readonly flags: OpenFlags;
      readonly writing: Writing;
    },
    disk: VirtualDisk,
    life: Lifeline,
    counts: MachineCounts,
  ) {
    this.#file = opened.file;
    this.#path = opened.path;
    this.#flags = opened.flags;
    this.#writing = opened.writing;
    this.#disk = disk;
    this.#life = life;
    this.#counts = counts;
  }

  /** One that writes through can still be torn by a crash on its way. */
  async write(
    bytes: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }> {
    const written = await this.#write(bytes, offset, length, position);
    if (this.#writing === 'through') await this.sync();
    return written;
  }

  #write(
    bytes: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }> {
    return this.#call('write', this.#disk.accessMs(), () => {
      if (this.#flags === 'r') throw systemError('EBADF', 'write', this.#path);
      const bytesWritten = this.#disk.takeRoom(length, this.#path);
      // The room that an overwrite needs is there already.
      const overwritten = Math.max(0, Math.min(bytesWritten, this.#file.size - position));
      this.#disk.roomBytes += overwritten;
      this.#file.write(bytes.subarray(offset, offset + bytesWritten), position);
      this.#file.changedMs = this.#life.time.now();
      return { bytesWritten };
    });
  }

  read(target: Buffer, position: number): Promise<{ readonly bytesRead: number }> {
    return this.#call('read', this.#disk.accessMs(), () => {
      if (this.#flags !== 'r' && this.#flags !== 'r+') throw systemError('EBADF', 'read', this.#path);
      return { bytesRead: this.#file.read(target, position) };
    });
  }

  size(): Promise<number> {
    return this.#call('stat', 0, () => this.#file.size);
  }

  truncate(bytes: number): Promise<void> {
    return this.#call('truncate', this.#disk.accessMs(), () => {
      if (this.#flags === 'r') throw systemError('EINVAL', 'ftruncate', this.#path);
      this.#disk.roomBytes += Math.max(0, this.#file.size - bytes);
      this.#file.truncate(bytes);
      this.#file.changedMs = this.#life.time.now();
    });
  }

  sync(): Promise<void> {
    return this.#life.task(
      this.#inTurn('sync', this.#disk.syncMs()),
      () => {
        this.#assertOpen('fsync');
        return this.#file.mark;
      },
      (mark) => {
        this.#counts.syncs += 1;
        this.#file.settle(mark);
      },
    );
  }

  datasync(): Promise<void> {
    return this.sync();
  }

  close(): Promise<void> {
    return this.#call('close', 0, () => {
      this.#isClosed = true;
    });
  }

  #call<Result>(what: string, delayMs: number, act: () => Result): Promise<Result> {
    return this.#life.call(this.#inTurn(what, delayMs), () => {
      this.#assertOpen(what);
      return act();
    });
  }

  /** Operations on one file end in the order of the calls. */
  #inTurn(what: string, delayMs: number): Call {
    const { nowMs } = this.#life;
    const file = this.#file;
    file.readyAtMs = Math.max(file.readyAtMs, nowMs + delayMs);
    return { what, detail: this.#path, delayMs: file.readyAtMs - nowMs };
  }

  #assertOpen(syscall: string): void {
    if (this.#isClosed) throw systemError('EBADF', syscall, this.#path);
  }
}
