import type { Files, OpenedFile, Writing } from '../../src/storage/files.js';
import { realFiles } from '../../src/storage/realFiles.js';

type DiskOperation = 'open' | 'write' | 'truncate' | 'sync' | 'datasync';

/**
 * A disk with faults, for what works with its `files`. The files are real ones, so what a test leaves there
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
  #crashed = false;
  #onCrash = (): void => undefined;
  readonly #crash = new Promise<void>((resolve) => (this.#onCrash = resolve));

  /** Those that are open to be written. */
  readonly #opened = new Set<FaultyFile>();

  /** Reading has no faults. */
  readonly files: Files = {
    ...realFiles,
    open: async (path, flags, writing = 'buffered') => {
      if (flags === 'r') return realFiles.open(path, flags);
      await this.begin('open');
      const real = await realFiles.open(path, flags);
      const file = new FaultyFile(this, real, writing, () => this.#opened.delete(file));
      this.#opened.add(file);
      return file;
    },
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
    for (const file of this.#opened) await file.tear(keepBytes);
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

class FaultyFile implements OpenedFile {
  readonly #disk: FaultyDisk;
  readonly #file: OpenedFile;
  readonly #writing: Writing;
  readonly #onClose: () => void;
  /** Where the first byte stands that is written and not synced. */
  #unsyncedFrom = Infinity;

  constructor(disk: FaultyDisk, file: OpenedFile, writing: Writing, onClose: () => void) {
    this.#disk = disk;
    this.#file = file;
    this.#writing = writing;
    this.#onClose = onClose;
  }

  /** One that writes through has begun a `datasync` when it has written. */
  async write(bytes: Buffer, offset: number, length: number, position: number) {
    await this.#disk.begin('write');
    const taken = this.#disk.takeRoom(length);
    this.#unsyncedFrom = Math.min(this.#unsyncedFrom, position);
    const written = await this.#file.write(bytes, offset, taken, position);
    if (this.#writing === 'through') await this.datasync();
    return written;
  }

  read(target: Buffer, position: number) {
    return this.#file.read(target, position);
  }

  size(): Promise<number> {
    return this.#file.size();
  }

  async truncate(bytes: number): Promise<void> {
    await this.#disk.begin('truncate');
    const size = await this.#file.size();
    await this.#file.truncate(bytes);
    this.#disk.roomBytes += Math.max(0, size - bytes);
  }

  async sync(): Promise<void> {
    await this.#disk.begin('sync');
    await this.#file.sync();
    this.#unsyncedFrom = Infinity;
  }

  async datasync(): Promise<void> {
    await this.#disk.begin('datasync');
    await this.#file.datasync();
    this.#unsyncedFrom = Infinity;
  }

  async close(): Promise<void> {
    this.#onClose();
    await this.#file.close();
  }

  async tear(keepBytes: number): Promise<void> {
    const size = await this.#file.size();
    if (this.#unsyncedFrom + keepBytes < size) await this.#file.truncate(this.#unsyncedFrom + keepBytes);
    await this.close();
  }
}

function systemError(code: string, operation: string): Error {
  return Object.assign(new Error(`${code}: a fault of the disk, ${operation}`), { code });
}
