import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenedFile } from '../../../src/storage/files.js';
import type { Machine } from '../../../src/simulate/machine/machine.js';
import type { Universe } from '../../../src/simulate/machine/universe.js';
import { machineIn, outcome, universe } from './universes.js';

const write = fc.record({
  kind: fc.constant('write' as const),
  position: fc.nat(30),
  text: fc.string({ minLength: 1, maxLength: 40 }),
});
const change = fc.oneof(
  { weight: 4, arbitrary: write },
  fc.record({ kind: fc.constant('truncate' as const), bytes: fc.nat(50) }),
  fc.record({ kind: fc.constant('sync' as const) }),
);
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

const seed = fc.nat(1_000_000);

/** The contents that a file may have after a crash: as it was synced, and after each byte that was written since. */
function possible(changes: readonly Change[]): Buffer[] {
  let states = [Buffer.alloc(0)];
  for (const each of changes) {
    const last = states.at(-1)!;
    if (each.kind === 'sync') states = [last];
    else if (each.kind === 'truncate') {
      const cut = Buffer.alloc(each.bytes);
      last.copy(cut);
      states.push(cut);
    } else {
      const bytes = Buffer.from(each.text);
      for (let kept = 1; kept <= bytes.length; kept += 1) {
        const torn = Buffer.alloc(Math.max(last.length, each.position + kept));
        last.copy(torn);
        bytes.copy(torn, each.position, 0, kept);
        states.push(torn);
      }
    }
  }
  return states;
}

/** A machine with an empty file whose name is durable. */
async function withFile(seed: number): Promise<{ around: Universe; machine: Machine; file: OpenedFile }> {
  const around = universe(seed);
  const machine = machineIn(around);
  const { files } = machine.boot().place;
  const file = await outcome(around, files.open('/file', 'wx'));
  await outcome(around, files.syncDir('/'));
  return { around, machine, file };
}

/** What is in it for the next process. */
async function leftIn(around: Universe, machine: Machine): Promise<Buffer> {
  return outcome(around, machine.boot().place.files.readFile('/file'));
}

async function carryOut(file: OpenedFile, changes: readonly Change[]): Promise<void> {
  for (const each of changes) {
    if (each.kind === 'sync') await file.datasync();
    else if (each.kind === 'truncate') await file.truncate(each.bytes);
    else {
      const bytes = Buffer.from(each.text);
      await file.write(bytes, 0, bytes.length, each.position);
    }
  }
}

describe('the disk of a machine that loses its power', () => {
  it('keeps what was synced of a file, and a beginning of what was written since', async () => {
    const seen = { all: 0, nothing: 0, part: 0 };
    const run = async (changes: readonly Change[], chance: number): Promise<void> => {
      const { around, machine, file } = await withFile(chance);
      await outcome(around, carryOut(file, changes));
      machine.crash();
      const left = await leftIn(around, machine);
      const states = possible(changes);
      const index = states.findIndex((state) => state.equals(left));
      expect(index, `${JSON.stringify(left.toString())} is no beginning`).toBeGreaterThanOrEqual(0);
      if (states.length < 3) return;
      seen[index === 0 ? 'nothing' : index === states.length - 1 ? 'all' : 'part'] += 1;
      // A second crash takes nothing more.
      machine.crash();
      expect(await leftIn(around, machine)).toEqual(left);
    };
    await fc.assert(fc.asyncProperty(fc.array(change, { maxLength: 12 }), seed, run), { numRuns: 1000 });
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
  });

  it('keeps the names of a directory as they were synced, and a beginning of their changes since', async () => {
    const nameChange = fc.record({
      kind: fc.constantFrom('create', 'create', 'remove', 'rename', 'rename', 'sync'),
      name: fc.constantFrom('a', 'b', 'c'),
      to: fc.constantFrom('a', 'b', 'c'),
    });
    let partly = 0;
    const run = async (changes: readonly { kind: string; name: string; to: string }[], chance: number) => {
      const around = universe(chance);
      const machine = machineIn(around);
      const { files } = machine.boot().place;
      await outcome(around, files.mkdir('/dir'));
      await outcome(around, files.syncDir('/'));
      let states: string[] = [''];
      for (const { kind, name, to } of changes) {
        const path = (each: string): string => `/dir/${each}`;
        if (kind === 'create') await outcome(around, files.open(path(name), 'w'));
        else if (kind === 'remove') await outcome(around, files.remove(path(name)));
        else if (kind === 'rename')
          await outcome(
            around,
            files.rename(path(name), path(to)).catch(() => null),
          );
        else await outcome(around, files.syncDir('/dir'));
        const now = (await outcome(around, files.list('/dir'))).sort().join();
        states = kind === 'sync' ? [now] : [...states, now];
      }
      machine.crash();
      const left = await outcome(around, machine.boot().place.files.list('/dir'));
      expect(states).toContain(left.sort().join());
      if (left.join() !== states[0] && left.join() !== states.at(-1)) partly += 1;
    };
    await fc.assert(fc.asyncProperty(fc.array(nameChange, { minLength: 2, maxLength: 12 }), seed, run), {
      numRuns: 500,
    });
    expect(partly).toBeGreaterThan(0);
  });

  it('may keep a truncation that was not synced, and may not', async () => {
    const left = new Set<string>();
    for (let chance = 0; chance < 40; chance += 1) {
      const { around, machine, file } = await withFile(chance);
      await outcome(around, carryOut(file, [{ kind: 'write', position: 0, text: 'abc' }, { kind: 'sync' }]));
      await outcome(around, file.truncate(1));
      machine.crash();
      left.add((await leftIn(around, machine)).toString());
    }
    expect([...left].sort()).toEqual(['a', 'abc']);
  });

  it('keeps by a sync what was written before the call, and for certain nothing else', async () => {
    const left = new Set<string>();
    for (let chance = 0; chance < 60; chance += 1) {
      const { around, machine, file } = await withFile(chance);
      await outcome(around, file.write(Buffer.from('a'), 0, 1, 0));
      const beganMs = around.timeline.nowMs;
      const synced = file.sync();
      void file.write(Buffer.from('b'), 0, 1, 1);
      await outcome(around, synced);
      // One that takes no time ends before the second write.
      if (around.timeline.nowMs === beganMs) continue;
      machine.crash();
      left.add((await leftIn(around, machine)).toString());
    }
    expect([...left].sort()).toEqual(['a', 'ab']);
  });

  it('keeps nothing by a sync that had not ended', async () => {
    const kept = new Set<boolean>();
    for (let chance = 0; chance < 60; chance += 1) {
      const { around, machine, file } = await withFile(chance);
      await outcome(around, file.write(Buffer.from('abc'), 0, 3, 0));
      const synced: string[] = [];
      void file.sync().then(() => synced.push('synced'));
      await around.timeline.runUntil(() => true, 0);
      if (synced.length > 0) continue;
      machine.crash();
      kept.add((await leftIn(around, machine)).length === 3);
    }
    expect(kept).toEqual(new Set([true, false]));
  });
});

describe('the room on a disk', () => {
  it('takes of a write what fits, then refuses, and comes back with what is cut, replaced or removed', async () => {
    const around = universe();
    const machine = machineIn(around);
    const { files } = machine.boot().place;
    machine.disk.roomBytes = 10;
    const bytes = Buffer.alloc(8);
    const file = await outcome(around, files.open('/a', 'w'));
    const put = (position: number) => outcome(around, file.write(bytes, 0, 8, position));
    expect(await put(0)).toEqual({ bytesWritten: 8 });
    expect(await put(8)).toEqual({ bytesWritten: 2 });
    await expect(put(10)).rejects.toMatchObject({ code: 'ENOSPC' });
    await outcome(around, file.truncate(4));
    expect(machine.disk.roomBytes).toBe(6);
    const other = await outcome(around, files.open('/b', 'w'));
    await outcome(around, other.write(bytes, 0, 5, 0));
    await outcome(around, files.rename('/b', '/a'));
    expect(machine.disk.roomBytes).toBe(5);
    await outcome(around, files.remove('/a'));
    expect(machine.disk.roomBytes).toBe(10);
  });

  it('is the same after a crash as what the files leave', async () => {
    for (let chance = 0; chance < 50; chance += 1) {
      const around = universe(chance);
      const machine = machineIn(around);
      machine.disk.roomBytes = 1000;
      const { files } = machine.boot().place;
      for (const name of ['/a', '/b']) {
        const file = await outcome(around, files.open(name, 'w'));
        await outcome(around, file.write(Buffer.alloc(100), 0, 100, 0));
        if (chance % 2 === 0) await outcome(around, file.sync());
      }
      if (chance % 2 === 0) await outcome(around, files.syncDir('/'));
      await outcome(around, files.rename('/a', '/b'));
      machine.crash();
      const next = machine.boot().place.files;
      let used = 0;
      for (const path of machine.disk.files) used += (await outcome(around, next.readFile(path))).length;
      expect(machine.disk.roomBytes).toBe(1000 - used);
    }
  });
});

describe('damage to a disk', () => {
  it('changes one bit, or cuts off an end, for good', async () => {
    const around = universe();
    const machine = machineIn(around);
    const { files } = machine.boot().place;
    const file = await outcome(around, files.open('/a', 'w'));
    await outcome(around, file.write(Buffer.alloc(100), 0, 100, 0));
    await outcome(around, file.sync());
    await outcome(around, files.syncDir('/'));
    expect(machine.disk.flipByte('/a')).toBe(true);
    const content = await outcome(around, files.readFile('/a'));
    const changed = content.filter((byte) => byte !== 0);
    expect([changed.length, (changed[0] ?? 0) & ((changed[0] ?? 0) - 1)]).toEqual([1, 0]);
    expect(machine.disk.cutTail('/a')).toBe(true);
    expect(await outcome(around, file.size())).toBeLessThan(100);
    machine.crash();
    expect(machine.disk.files).toEqual(['/a']);
    expect(machine.disk.flipByte('/b')).toBe(false);
    expect(around.counts.damagedFiles).toBe(2);
  });
});
