import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isPortFree } from '../../src/cluster/nodePorts.js';
import { isEndingBy, isProcessOf, readDataLock } from '../../src/protocol/processIdentity.js';
import { lockDataDir } from '../../src/storage/dataLock.js';
import { temporaryDir } from './updates.js';

const instance = 'instance-4711';
const locked = { code: 'KVC_E_DATA_LOCKED' };

/** A process with the instance on its command line, which lives until the end of the test. */
async function otherProcess(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()', '--', '--instance', instance]);
  await once(child, 'spawn');
  onTestFinished(() => void child.kill('SIGKILL'));
  return child as ChildProcess & { pid: number };
}

async function dirLockedBy(pid: number, lockInstance: string): Promise<string> {
  const dir = await temporaryDir();
  await writeFile(join(dir, 'LOCK'), JSON.stringify({ pid, instance: lockInstance }));
  return dir;
}

describe('lockDataDir', () => {
  it('tells who holds the lock, and holds it until it is released', async () => {
    const dir = await temporaryDir();
    expect(readDataLock(dir)).toBeUndefined();
    const lock = await lockDataDir(dir, instance);
    expect(readDataLock(dir)).toEqual({ pid: process.pid, instance });
    await expect(lockDataDir(dir, 'another')).rejects.toMatchObject({
      ...locked,
      facts: { pid: process.pid },
    });
    await lock.release();
    await lock.release();
    expect(existsSync(join(dir, 'LOCK'))).toBe(false);
    await (await lockDataDir(dir, 'another')).release();
  });

  it('lets only one of many win', async () => {
    const dir = await temporaryDir();
    const attempts = await Promise.allSettled(['a', 'b', 'c', 'd'].map((each) => lockDataDir(dir, each)));
    const won = attempts.filter(({ status }) => status === 'fulfilled');
    expect(won.length).toBe(1);
  });

  it('respects the lock of a live process, also of a stopped one', async () => {
    const other = await otherProcess();
    const dir = await dirLockedBy(other.pid, instance);
    await expect(lockDataDir(dir, 'mine')).rejects.toMatchObject({ ...locked, facts: { pid: other.pid } });
    other.kill('SIGSTOP');
    await expect(lockDataDir(dir, 'mine')).rejects.toThrow(String(other.pid));
    expect(readDataLock(dir)).toEqual({ pid: other.pid, instance });
  });

  it('replaces the lock of a process that was killed', async () => {
    const other = await otherProcess();
    const dir = await dirLockedBy(other.pid, instance);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const lock = await lockDataDir(dir, 'mine');
    expect(readDataLock(dir)).toEqual({ pid: process.pid, instance: 'mine' });
    await lock.release();
  });

  it('replaces a lock whose pid now belongs to another program', async () => {
    const dir = await dirLockedBy(process.ppid, instance);
    await (await lockDataDir(dir, 'mine')).release();
    const own = await dirLockedBy(process.pid, instance);
    await (await lockDataDir(own, 'mine')).release();
  });

  it.each(['', '{', 'null', '{"pid":-1,"instance":"x"}', '{"pid":1}', '{"pid":"1","instance":"x"}'])(
    'replaces a lock that says %j, as a power failure may leave it',
    async (content) => {
      const dir = await temporaryDir();
      await writeFile(join(dir, 'LOCK'), content);
      expect(readDataLock(dir)).toBeUndefined();
      await (await lockDataDir(dir, 'mine')).release();
    },
  );
});

describe('isProcessOf', () => {
  it('knows a process by pid and instance together, while it lives', async () => {
    const other = await otherProcess();
    expect(isProcessOf(other.pid, instance)).toBe(true);
    expect(isProcessOf(other.pid, 'other-instance')).toBe(false);
    expect(isProcessOf(process.pid, instance)).toBe(false);
    expect(isProcessOf(other.pid, '')).toBe(false);
    expect(isProcessOf(-1, instance)).toBe(false);
    other.kill('SIGSTOP');
    expect(isProcessOf(other.pid, instance)).toBe(true);
    other.kill('SIGKILL');
    await vi.waitFor(() => expect(isProcessOf(other.pid, instance)).toBe(false));
  });
});

describe('a process that has no command line any more', () => {
  const stat = (state: string, flags: number): string =>
    `4711 (node) (x) ${state} 1 4711 4711 0 -1 ${flags} 0 0 0 0`;

  it.each([
    ['is ending while it holds files', stat('R', 0x40000c), 1, true],
    ['is ending while a thread writes, though its first one is a zombie', stat('Z', 0x40000c), 2, true],
    ['has ended as a zombie', stat('Z', 0x40000c), 1, false],
    ['never had one in the kernel', stat('S', 0x208040), 1, false],
  ])('%s', (_, line, threads, expected) => {
    expect(isEndingBy(line, threads)).toBe(expected);
  });

  it('keeps its port for no longer than it counts', async () => {
    for (let round = 0; round < 20; round += 1) {
      const code =
        "require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })";
      const other = spawn(process.execPath, ['-e', code, '--', '--instance', instance]);
      const [port] = (await once(other.stdout, 'data')) as [Buffer];
      other.kill('SIGKILL');
      while (isProcessOf(other.pid!, instance)) await new Promise(setImmediate);
      expect(await isPortFree(Number(port))).toBe(true);
    }
  });
});
