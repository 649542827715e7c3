import { readdir, readFile, readlink } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OpenedFile } from '../../src/storage/files.js';
import { filesOn } from '../../src/storage/realFiles.js';
import { temporaryDir } from './updates.js';

const platforms = ['linux', 'darwin'] as const;

async function opened(
  platform: NodeJS.Platform,
  path: string,
  flags: 'wx' | 'r+',
  writing?: 'through',
): Promise<OpenedFile> {
  const file = await filesOn(platform).open(path, flags, writing);
  onTestFinished(() => file.close());
  return file;
}

/** Whether the system makes every write to the file durable before it returns. */
async function isWrittenThrough(path: string): Promise<boolean> {
  for (const descriptor of await readdir('/proc/self/fd')) {
    const target = await readlink(`/proc/self/fd/${descriptor}`).catch(() => undefined);
    if (target !== path) continue;
    const flags = /^flags:\s*([0-7]+)$/m.exec(await readFile(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return (parseInt(flags ?? '', 8) & constants.O_DSYNC) !== 0;
  }
  throw new Error(`${path} is not open`);
}

describe('a file that is written through', () => {
  it.runIf(process.platform === 'linux').each(['wx', 'r+'] as const)(
    'is one whose writes the system makes durable: %s',
    async (flags) => {
      const path = join(await temporaryDir(), 'file');
      if (flags === 'r+') await (await filesOn('linux').open(path, 'wx')).close();
      await opened('linux', path, flags, 'through');
      expect(await isWrittenThrough(path)).toBe(true);
    },
  );

  it.runIf(process.platform === 'linux')('is no other file', async () => {
    const path = join(await temporaryDir(), 'file');
    await opened('linux', path, 'wx');
    expect(await isWrittenThrough(path)).toBe(false);
  });

  it.each(platforms)('is created, written to and opened again: %s', async (platform) => {
    const path = join(await temporaryDir(), 'file');
    const bytes = Buffer.from('of a log');
    const created = await filesOn(platform).open(path, 'wx', 'through');
    expect(await created.write(bytes, 0, 4, 0)).toMatchObject({ bytesWritten: 4 });
    await created.close();
    await expect(filesOn(platform).open(path, 'wx', 'through')).rejects.toMatchObject({ code: 'EEXIST' });
    const again = await opened(platform, path, 'r+', 'through');
    await again.write(bytes, 4, 4, 4);
    expect(await readFile(path, 'utf8')).toBe('of a log');
  });

  it('is flushed after each write where there is no such file', async () => {
    const file = await opened('darwin', join(await temporaryDir(), 'file'), 'wx', 'through');
    const order: string[] = [];
    const datasync = file.datasync.bind(file);
    file.datasync = async () => {
      await datasync();
      order.push('durable');
    };
    await file.write(Buffer.from('of a log'), 0, 8, 0);
    order.push('written');
    expect(order).toEqual(['durable', 'written']);
  });
});
