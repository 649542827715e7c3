import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diskBytesOf } from '../../bench/processes/diskBytesOf.js';

it('counts the blocks of all files below a directory', () => {
  const dir = mkdtempSync(join(tmpdir(), 'kvc-disk-'));
  try {
    mkdirSync(join(dir, 'a', 'b'), { recursive: true });
    writeFileSync(join(dir, 'a', 'b', 'deep'), Buffer.alloc(100_000, 1));
    const one = diskBytesOf(dir);
    expect(one).toBeGreaterThanOrEqual(100_000);
    expect(one).toBeLessThan(150_000);
    writeFileSync(join(dir, 'a', 'more'), Buffer.alloc(1_000_000, 1));
    expect(diskBytesOf(dir) - one).toBeGreaterThanOrEqual(1_000_000);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
