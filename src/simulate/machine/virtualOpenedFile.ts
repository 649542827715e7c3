import type { OpenedFile } from '../../storage/files.js';
import type { FileNode } from './fileNode.js';
import type { Lifeline } from './lifeline.js';
import type { MachineCounts } from './machineCounts.js';
import { systemError } from './systemError.js';
import type { VirtualDisk } from './virtualDisk.js';

/** A file that one life has opened. It stays with the file when the name goes to another. */
export class VirtualOpenedFile implements OpenedFile {
  readonly #file: FileNode;
  readonly #path: string;
  readonly #isWritable: boolean;
  readonly #disk: VirtualDisk;
  readonly #life: Lifeline;
  readonly #counts: MachineCounts;
  #isClosed = false;

  constructor(
    opened: { readonly file: FileNode; readonly path: string; readonly isWritable: boolean },
    disk: VirtualDisk,
    life: Lifeline,
    counts: MachineCounts,
  ) {
    this.#file = opened.file;
    this.#path = opened.path;
    this.#isWritable = opened.isWritable;
    this.#disk = disk;
    this.#life = life;
    this.#counts = counts;
  }

  write(
    bytes: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }> {
    return this.#call(
      'write',
      this.#disk.accessMs(),
      () => {
        this.#assertWritable('write');
        const bytesWritten = this.#disk.takeRoom(length, this.#path);
        // The room that an overwrite needs is there already.
        const overwritten = Math.max(0, Math.min(bytesWritten, this.#file.size - position));
        this.#disk.roomBytes += overwritten;
        this.#file.write(bytes.subarray(offset, offset + bytesWritten), position);
        this.#file.changedMs = this.#life.time.now();
        return { bytesWritten };
      },
      same,
    );
  }

  read(target: Buffer, position: number): Promise<{ readonly bytesRead: number }> {
    return this.#call(
      'read',
      this.#disk.accessMs(),
      () => ({
        bytesRead: this.#file.read(target, position),
      }),
      same,
    );
  }

  size(): Promise<number> {
    return this.#call('stat', 0, () => this.#file.size, same);
  }

  truncate(bytes: number): Promise<void> {
    return this.#call(
      'truncate',
      this.#disk.accessMs(),
      () => {
        this.#assertWritable('ftruncate');
        this.#disk.roomBytes += Math.max(0, this.#file.size - bytes);
        this.#file.truncate(bytes);
        this.#file.changedMs = this.#life.time.now();
      },
      same,
    );
  }

  sync(): Promise<void> {
    return this.#call(
      'sync',
      this.#disk.syncMs(),
      () => this.#file.mark,
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
    return this.#call(
      'close',
      0,
      () => {
        this.#isClosed = true;
      },
      same,
    );
  }

  /** Operations on one file end in the order of the calls. */
  #call<Begun, Result>(
    what: string,
    delayMs: number,
    begin: () => Begun,
    end: (begun: Begun) => Result,
  ): Promise<Result> {
    const { nowMs } = this.#life;
    const file = this.#file;
    file.readyAtMs = Math.max(file.readyAtMs, nowMs + delayMs);
    const call = { what, detail: this.#path, delayMs: file.readyAtMs - nowMs };
    return this.#life.call(
      call,
      () => {
        if (this.#isClosed) throw systemError('EBADF', what, this.#path);
        return begin();
      },
      end,
    );
  }

  #assertWritable(syscall: string): void {
    if (!this.#isWritable) throw systemError('EBADF', syscall, this.#path);
  }
}

function same<Value>(value: Value): Value {
  return value;
}
