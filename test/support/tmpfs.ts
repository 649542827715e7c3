import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.js';

/** Whether this process may mount a file system; only a privileged one on Linux may. */
export const canMount = tryToMount();

/** A small disk: a file system in memory, mounted at a directory. */
export class Tmpfs {
  readonly dir: string;

  /** @param dir - made if it is not there */
  constructor(dir: string, bytes: number) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    mount(dir, bytes);
    this.dir = dir;
  }

  resize(bytes: number): void {
    run('mount', '-o', `remount,size=${bytes}`, this.dir);
  }

  /** Awaits that nothing uses it any more: a process that was just killed may for a moment. */
  async unmount(): Promise<void> {
    await until('the disk is free', () => {
      unmount(this.dir);
      return true;
    });
  }
}

function tryToMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'kvc-mount-'));
  try {
    mount(dir, 64 * 1024);
    unmount(dir);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(dir);
  }
}

function mount(dir: string, bytes: number): void {
  run('mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'tmpfs', dir);
}

function unmount(dir: string): void {
  run('umount', dir);
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'ignore' });
}
