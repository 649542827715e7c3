import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Tmpfs } from './tmpfs.js';

/** A disk of a few megabytes that can be filled, until the end of the test. */
export class TinyDisk {
  readonly path = mkdtempSync(join(tmpdir(), 'kvc-disk-'));

  /** What uses the disk must be closed at the end of the test by a handler that is registered later. */
  constructor(bytes: number) {
    const disk = new Tmpfs(this.path, bytes);
    onTestFinished(async () => {
      await disk.unmount();
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
