import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.js';

/** A small disk: a file system in memory, mounted at a directory. It takes a process that may mount. */
export class Tmpfs {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static mount(dir: string, megabytes: number): Tmpfs {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    mount('-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', dir);
    return new Tmpfs(dir);
  }

  resize(megabytes: number): void {
    mount('-o', `remount,size=${megabytes}m`, this.dir);
  }

  /** Awaits that nothing uses it any more: a process that was just killed may for a moment. */
  async unmount(): Promise<void> {
    await until('the disk is free', () => {
      execFileSync('umount', [this.dir], { stdio: 'ignore' });
      return true;
    });
  }
}

/** Whether this process may mount. */
export async function canMount(): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), 'kvc-mount-'));
  try {
    await Tmpfs.mount(dir, 1).unmount();
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(dir);
  }
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: 'ignore' });
}
