import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Whether this process may mount a file system; only a privileged one on Linux may. */
export const canMount = tryToMount();

function tryToMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'kvc-mount-'));
  try {
    mount(path, 64 * 1024);
    unmount(path);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(path);
  }
}

function mount(path: string, bytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'ignore' });
}

function unmount(path: string): void {
  execFileSync('umount', [path], { stdio: 'ignore' });
}

/** A disk of a few megabytes that can be filled, until the end of the test. */
export class TinyDisk {
  readonly path = mkdtempSync(join(tmpdir(), 'kvc-disk-'));

  /** What uses the disk must be closed at the end of the test by a handler that is registered later. */
  constructor(bytes: number) {
    mount(this.path, bytes);
    onTestFinished(() => {
      unmount(this.path);
      rmdirSync(this.path);
    });
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Takes all room but for so many bytes. */
  fill(freeBytes: number): void {
    const file = openSync(this.#filler, 'w');
    try {
      const page = Buffer.alloc(4096);
      while (this.freeBytes >= freeBytes + page.length) writeSync(file, page);
    } finally {
      closeSync(file);
    }
  }

  /** Gives the room back that `fill` took. */
  relieve(): void {
    rmSync(this.#filler, { force: true });
  }

  get #filler(): string {
    return join(this.path, 'filler');
  }
}
