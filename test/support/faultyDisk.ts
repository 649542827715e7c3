import { open, type FileHandle } from 'node:fs/promises';
import type { LogFile, OpenFile } from '../../src/storage/fileLog/logFile.js';

type DiskOperation = 'open' | 'write' | 'truncate' | 'sync' | 'datasync';

/**
 * A disk with faults, for what writes its files through `openFile`. The files are real ones, so what a test leaves there
 * can be opened again, with this disk or a sound one.
 */
export class FaultyDisk {
  /**
   * What writes may still take. One that does not fit writes the bytes that do, as a real one, and the next fails with
   * `fullCode`. Cutting a file gives its bytes back.
   */
  roomBytes = Infinity;
  fullCode: 'ENOSPC' | 'EDQUOT' = 'ENOSPC';

  /** Awaited before every operation is done. Slow is what takes its time here; what never resolves hangs. */
  delay: (operation: DiskOperation) => Promise<void> | void = () => undefined;

  /** How often each operation was begun. */
  readonly begun = { open: 0, write: 0, truncate: 0, sync: 0, datasync: 0 };

  readonly #failures = new Map<DiskOperation, { readonly code: string; times: number }>();
  readonly #files = new Set<FaultyFile>();
  #crashed = false;
  #onCrash = (): void => undefined;
  readonly #crash = new Promise<void>((resolve) => (this.#onCrash = resolve));

  readonly openFile: OpenFile = async (path, flags, mode) => {
    await this.begin('open');
    const file = new FaultyFile(this, await open(path, flags, mode), () => this.#files.delete(file));
    this.#files.add(file);
    return file;
  };

  /** The operation's next `times` calls fail, with a system error of that code, and change nothing. */
  fail(operation: DiskOperation, code: string, times = 1): void {
    this.#failures.set(operation, { code, times });
  }

  /** Holds up all calls of an operation until what it returns is called. */
  hold(operation: DiskOperation): () => void {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    this.delay = (begun) => (begun === operation ? held : undefined);
    return () => {
      this.delay = () => undefined;
      release();
    };
  }

  /**
   * The process that uses the disk ends here: nothing that it does later reaches a file. Of what it wrote to a file and has
   * not synced, the first `keepBytes` stay.
   */
  async crash(keepBytes: number): Promise<void> {
    this.#crashed = true;
    this.#onCrash();
    for (const file of this.#files) await file.tear(keepBytes);
  }

  async begin(operation: DiskOperation): Promise<void> {
    this.begun[operation] += 1;
    await Promise.race([this.delay(operation), this.#crash]);
    if (this.#crashed) throw systemError('ECRASHED', operation);
    const failure = this.#failures.get(operation);
    if (failure === undefined || failure.times === 0) return;
    failure.times -= 1;
    throw systemError(failure.code, operation);
  }

  /** How many of `bytes` a write may take. */
  takeRoom(bytes: number): number {
    const taken = Math.min(bytes, this.roomBytes);
    if (taken === 0) throw systemError(this.fullCode, 'write');
    this.roomBytes -= taken;
    return taken;
  }
}

class FaultyFile implements LogFile {
  readonly #disk: FaultyDisk;
  readonly #handle: FileHandle;
  readonly #onClose: () => void;
  /** Where the first byte stands that is written and not synced. */
  #unsyncedFrom = Infinity;

  constructor(disk: FaultyDisk, handle: FileHandle, onClose: () => void) {
    this.#disk = disk;
    this.#handle = handle;
    this.#onClose = onClose;
  }

  async write(bytes: Buffer, offset: number, length: number, position: number) {
    await this.#disk.begin('write');
    const taken = this.#disk.takeRoom(length);
    this.#unsyncedFrom = Math.min(this.#unsyncedFrom, position);
    return this.#handle.write(bytes, offset, taken, position);
  }

  async truncate(bytes: number): Promise<void> {
    await this.#disk.begin('truncate');
    const { size } = await this.#handle.stat();
    await this.#handle.truncate(bytes);
    this.#disk.roomBytes += Math.max(0, size - bytes);
  }

  async sync(): Promise<void> {
    await this.#disk.begin('sync');
    await this.#handle.sync();
    this.#unsyncedFrom = Infinity;
  }

  async datasync(): Promise<void> {
    await this.#disk.begin('datasync');
    await this.#handle.datasync();
    this.#unsyncedFrom = Infinity;
  }

  async close(): Promise<void> {
    this.#onClose();
    await this.#handle.close();
  }

  async tear(keepBytes: number): Promise<void> {
    const { size } = await this.#handle.stat();
    if (this.#unsyncedFrom + keepBytes < size) await this.#handle.truncate(this.#unsyncedFrom + keepBytes);
    await this.close();
  }
}

function systemError(code: string, operation: string): Error {
  return Object.assign(new Error(`${code}: a fault of the disk, ${operation}`), { code });
}
