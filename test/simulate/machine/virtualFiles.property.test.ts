import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Files } from '../../../src/storage/files.js';
import { realFiles } from '../../../src/storage/realFiles.js';
import { machineIn, outcome, universe } from './universes.js';

const dirs = ['dir', 'dir/sub', 'other'];
const name = fc.constantFrom('a', 'b', 'dir/a', 'dir/b', 'gone/a', ...dirs);
const call = fc.oneof(
  fc.record({
    kind: fc.constant('open' as const),
    name,
    flags: fc.constantFrom('r' as const, 'r+' as const, 'w' as const, 'wx' as const),
  }),
  fc.record({ kind: fc.constant('write' as const), text: fc.string({ maxLength: 9 }), position: fc.nat(20) }),
  fc.record({ kind: fc.constant('truncate' as const), bytes: fc.nat(20) }),
  fc.record({ kind: fc.constant('read' as const), bytes: fc.nat(20), position: fc.nat(20) }),
  fc.record({ kind: fc.constantFrom('size', 'sync', 'close') }),
  fc.record({
    kind: fc.constantFrom('readFile', 'readFileSync', 'list', 'mkdir', 'remove', 'syncDir'),
    name,
  }),
  fc.record({ kind: fc.constant('rename' as const), name, to: name }),
);
type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

/** Carries calls out, each on the file that was opened last where it needs one, and says what came of each. */
async function carryOut(files: Files, root: string, calls: readonly Call[]): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  let file: Awaited<ReturnType<Files['open']>> | undefined;
  const one = async (each: Call): Promise<unknown> => {
    if (each.kind === 'open') {
      await file?.close();
      file = undefined;
      file = await files.open(join(root, each.name), each.flags);
    } else if ('text' in each) {
      const bytes = Buffer.from(`<${each.text}`);
      if (bytes.length > 1)
        return (await file?.write(bytes, 1, bytes.length - 1, each.position))?.bytesWritten;
    } else if (each.kind === 'truncate') await file?.truncate(each.bytes);
    else if (each.kind === 'read') {
      const target = Buffer.alloc(each.bytes + 1);
      const { bytesRead } = (await file?.read(target, each.position)) ?? { bytesRead: 0 };
      return target.toString('latin1', 0, bytesRead);
    } else if (each.kind === 'size') return file?.size();
    else if (each.kind === 'sync') await file?.sync();
    else if (each.kind === 'close') {
      await file?.close();
      file = undefined;
    } else if (each.kind === 'rename') await files.rename(join(root, each.name), join(root, each.to));
    else if ('name' in each) return onName(files, each.kind, join(root, each.name));
    return 'done';
  };
  for (const each of calls) {
    outcomes.push(await one(each).catch((error: unknown) => (error as NodeJS.ErrnoException).code));
  }
  await file?.close();
  return outcomes;
}

async function onName(files: Files, kind: string, path: string): Promise<unknown> {
  switch (kind) {
    case 'readFile':
      return (await files.readFile(path)).toString('latin1');
    case 'readFileSync':
      return files.readFileSync(path).toString('latin1');
    case 'list':
      return (await files.list(path)).sort();
    case 'mkdir':
      return files.mkdir(path);
    case 'remove':
      return files.remove(path);
    default:
      return files.syncDir(path);
  }
}

/**
 * Whether the system refuses what the simulated disk refuses, in the same words: that does not move names between directories,
 * and opens none.
 */
function isComparable(each: Call): boolean {
  if (!('name' in each) || each.kind === 'remove') return true;
  const isDir = dirs.includes(each.name);
  if ('to' in each) return join(each.name, '..') === join(each.to, '..') && isDir === dirs.includes(each.to);
  return isDir === ['list', 'mkdir', 'syncDir'].includes(each.kind);
}

describe('VirtualFiles', () => {
  it('does what the file system of this machine does', async () => {
    const run = async (calls: readonly Call[]): Promise<void> => {
      const root = await mkdtemp(join(tmpdir(), 'kvc-files-'));
      try {
        const around = universe();
        const { files } = machineIn(around).boot().place;
        await mkdir(join(root, 'dir'));
        await outcome(around, files.mkdir('/dir'));
        const comparable = calls.filter(isComparable);
        const real = await carryOut(realFiles, root, comparable);
        expect(await outcome(around, carryOut(files, '/', comparable))).toEqual(real);
      } finally {
        await rm(root, { recursive: true });
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(call, { maxLength: 30 }), run), { numRuns: 200 });
  });
});
