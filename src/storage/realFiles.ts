import { readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { syncDir } from './syncDir.js';
import type { Files, OpenedFile } from './files.js';

/** The machine's file system. */
export const realFiles: Files = {
  open: async (path, flags) => new RealFile(await open(path, flags, 0o600)),
  readFile: (path) => readFile(path),
  readFileSync: (path) => readFileSync(path),
  list: (dir) => readdir(dir),
  mkdir: async (dir) => {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  },
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncDir,
  changedMs: async (path) => (await stat(path)).mtimeMs,
};

class RealFile implements OpenedFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  write(bytes: Buffer, offset: number, length: number, position: number) {
    return this.#handle.write(bytes, offset, length, position);
  }

  read(target: Buffer, position: number) {
    return this.#handle.read(target, 0, target.length, position);
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  datasync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
