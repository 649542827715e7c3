import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeTextFile } from '../../src/cli/writeTextFile.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvc-write-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function* failing(): Generator<string> {
  for (let line = 0; line < 25_000; line += 1) yield String(line);
  throw new Error('no space left');
}

describe('a file that is written', () => {
  it('has the lines, and nothing is left beside it', async () => {
    const path = join(folder, 'out');
    await writeFile(path, 'something longer than what comes');
    await writeTextFile('--export', path, ['a', 'b']);
    expect(await readFile(path, 'utf8')).toBe('a\nb\n');
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('stays as it was if not all can be written', async () => {
    const path = join(folder, 'out');
    await writeFile(path, 'before');
    await expect(writeTextFile('--export', path, failing())).rejects.toThrow(
      `--export: ${path} cannot be written: no space left`,
    );
    expect(await readFile(path, 'utf8')).toBe('before');
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('is written where a link leads, and the link stays', async () => {
    await writeFile(join(folder, 'target'), '');
    await symlink(join(folder, 'target'), join(folder, 'link'));
    await writeTextFile('--svg', join(folder, 'link'), ['a']);
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('a\n');
  });
});
