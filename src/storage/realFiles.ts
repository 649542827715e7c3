import { constants, readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { syncDir } from './syncDir.js';
import type { Files, OpenedFile, Writing } from './files.js';

/** The machine's file system. */
export const realFiles = filesOn(process.platform);

/** The file system of a machine that this runs on. */
export function filesOn(platform: NodeJS.Platform): Files {
  return {
    open: (path, flags, writing) => openFile(path, flags, writing ?? 'buffered', platform),
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
}

const flagsOf = {
  r: constants.O_RDONLY,
  'r+': constants.O_RDWR,
  w: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
  wx: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
};

async function openFile(
  path: string,
  flags: keyof typeof flagsOf,
  writing: Writing,
  platform: NodeJS.Platform,
): Promise<OpenedFile> {
  if (writing === 'buffered') return new RealFile(await open(path, flags, 0o600));
  // A write and its flush as one call: to hand each of two to another thread, and to be woken by it, takes longer than either.
  // Elsewhere than on Linux such a call may leave the bytes in the disk's own cache, which `datasync` does not.
  if (platform === 'linux') return new RealFile(await open(path, flagsOf[flags] | constants.O_DSYNC, 0o600));
  return new FlushedFile(await open(path, flags, 0o600));
}

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

/** Writes through by two calls. */
class FlushedFile extends RealFile {
  override async write(bytes: Buffer, offset: number, length: number, position: number) {
    const written = await super.write(bytes, offset, length, position);
    await this.datasync();
    return written;
  }
}
