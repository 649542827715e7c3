import { describe, expect, it, vi } from 'vitest';
import type { Machine } from '../../../src/simulate/machine/machine.js';
import type { Universe } from '../../../src/simulate/machine/universe.js';
import type { Checkpoint, KeyStore } from '../../../src/storage/keyStore.js';
import { someFacts } from '../../contracts/keyStore.js';
import { requestAt } from '../../contracts/storeSnapshot.js';
import { node1, node2, someSource, vector, versions } from '../../storage/updates.js';
import { machineIn, outcome, universe } from './universes.js';

const dir = '/data/store';
const logged = Promise.resolve();

async function booted(around: Universe, machine: Machine): Promise<KeyStore> {
  const { files, openStore } = machine.boot().place;
  await outcome(around, files.mkdir('/data'));
  await outcome(around, files.syncDir('/'));
  return outcome(
    around,
    openStore(dir, () => undefined),
  );
}

/** The facts of the n-th checkpoint. */
function facts(timestamp: number): Checkpoint {
  return { ...someFacts, timestamp };
}

function keysOf(store: KeyStore): Record<string, number | undefined> {
  const entries = store.scan({ prefix: '', limit: 99 });
  return Object.fromEntries(entries.map(({ key, versions: found }) => [key, found[0]?.dot.counter]));
}

describe('the key store on a virtual disk', () => {
  it('holds after a crash exactly what one checkpoint wrote: the last that was told, or one that was asked for since', async () => {
    const ahead = new Set<number>();
    for (let seed = 0; seed < 150; seed += 1) {
      const around = universe(seed);
      const machine = machineIn(around);
      const random = around.random.fork('test');
      const store = await booted(around, machine);
      const states: Record<string, number | undefined>[] = [{}];
      let told = 0;
      machine.crashAt(random.between(1, 14));
      for (let round = 1; round <= 8 && machine.isUp; round += 1) {
        for (const key of ['a', 'b', 'c']) {
          if (random.chance(0.4)) store.set(key, versions(round));
          else if (random.chance(0.3)) store.remove(key);
        }
        states.push(keysOf(store));
        const isCut = random.chance(0.3);
        const written = isCut ? store.cut(facts(round), logged) : store.checkpoint(facts(round), logged);
        void written.then(() => (told = round));
        // What is set now belongs to the next one.
        store.set('d', versions(round));
        await around.timeline.runUntil(never, around.timeline.nowMs + random.between(0, 15));
      }
      if (machine.isUp) machine.crash();
      const again = await booted(around, machine);
      const { timestamp } = again.opened;
      expect(timestamp).toBeGreaterThanOrEqual(told);
      expect(keysOf(again)).toEqual(states[timestamp]);
      ahead.add(timestamp - told);
    }
    expect([...ahead].sort()).toEqual(expect.arrayContaining([0, 1]));
  });

  it('writes no checkpoint that the log does not have yet, and loses nothing where the log fails or the disk is full', async () => {
    const around = universe();
    const machine = machineIn(around);
    const store = await booted(around, machine);
    store.set('a', versions(1));
    store.requests.set(requestAt(1), [{ replica: node1, counter: 1 }]);
    expect(store.dirtyKeys).toBe(2);
    void store.checkpoint(facts(1), new Promise(() => undefined));
    expect(store.dirtyKeys).toBe(0);
    await around.timeline.runUntil(never, around.timeline.nowMs + 1000);
    machine.crash();
    const second = await booted(around, machine);
    expect([second.size, second.opened.timestamp]).toEqual([0, 0]);

    second.set('a', versions(2));
    machine.disk.roomBytes = 100;
    await expect(outcome(around, second.checkpoint(facts(1), logged))).rejects.toMatchObject({
      code: 'KVC_E_DISK_FULL',
    });
    expect(second.dirtyKeys).toBe(1);
    machine.disk.roomBytes = Infinity;
    await outcome(around, second.checkpoint(facts(2), logged));
    machine.crash();
    expect(keysOf(await booted(around, machine))).toEqual({ a: 2 });
  });

  it('keeps what was staged, with its progress, and comes to the same merge however often it is ended on the way', async () => {
    const parts = Array.from({ length: 40 }, (_, index) => ({
      key: `key${index}`,
      versions: [{ ...versions(index + 1)[0]!, dot: { replica: node2, counter: index + 1 } }],
    }));
    const crashes = new Set<number>();
    let merged: unknown;
    for (let seed = 0; seed < 40; seed += 1) {
      const around = universe(seed);
      const machine = machineIn(around);
      const random = around.random.fork('test');
      let store = await booted(around, machine);
      for (const index of [1, 2, 50]) store.set(`key${index}`, versions(index));
      const own = { ...someFacts, clock: vector({ node1: 50 }), members: [] };
      await outcome(around, store.checkpoint(own, logged));
      const theirs = { ...someFacts, clock: vector({ node1: 1, node2: 40 }), members: [] };
      await outcome(around, store.beginStaging(someSource, theirs));
      await outcome(around, store.stage({ requests: [], keys: parts.slice(0, 20) }, 'kx'));
      machine.crash();
      store = await booted(around, machine);
      expect([store.staged?.next, store.stagedEntries, store.size]).toEqual(['kx', 20, 3]);
      await outcome(around, store.stage({ requests: [], keys: parts.slice(20) }, 'complete'));
      let ended = 0;
      for (; ended < 5 && store.staged !== undefined; ended += 1) {
        machine.crashAt(random.between(1, 40));
        const merging = store.mergeStaged();
        let isMerged = false as boolean;
        void merging.then(() => (isMerged = true));
        await around.timeline.runUntil(() => isMerged || !machine.isUp, Infinity);
        if (isMerged) break;
        store = await booted(around, machine);
      }
      if (store.staged !== undefined) await outcome(around, store.mergeStaged());
      crashes.add(ended);
      machine.kill();
      store = await booted(around, machine);
      merged ??= { ...store.opened, keys: keysOf(store) };
      expect({ ...store.opened, keys: keysOf(store) }).toEqual(merged);
      expect([store.staged, store.stagedEntries]).toEqual([undefined, 0]);
    }
    expect(merged).toMatchObject({ clock: vector({ node1: 50, node2: 40 }), liveKeys: 41 });
    expect(crashes.size).toBeGreaterThan(2);
  });

  it('keeps its checkpoints also where the process that began to create it was ended', async () => {
    for (let touches = 1; touches < 12; touches += 1) {
      const around = universe(touches);
      const machine = machineIn(around);
      const { files, openStore } = machine.boot().place;
      await outcome(around, files.mkdir('/data'));
      await outcome(around, files.syncDir('/'));
      // It takes nothing of what was written.
      const spared = vi.spyOn(machine.disk, 'crash').mockReturnValue(undefined);
      machine.crashAt(touches);
      void openStore(dir, () => undefined);
      await around.timeline.runUntil(never, around.timeline.nowMs + 100);
      if (machine.isUp) machine.kill();
      spared.mockRestore();
      const store = await booted(around, machine);
      await outcome(around, store.checkpoint(facts(touches), logged));
      machine.crash();
      expect((await booted(around, machine)).opened.timestamp).toBe(touches);
    }
  });

  it('refuses all but the merge while one is half done', async () => {
    const around = universe(3);
    const machine = machineIn(around);
    let store = await booted(around, machine);
    await outcome(around, store.beginStaging(someSource, someFacts));
    await outcome(
      around,
      store.stage({ requests: [], keys: [{ key: 'a', versions: versions(1) }] }, 'complete'),
    );
    // The second thing of the merge is to be told that it has begun.
    machine.crashAt(2);
    void store.mergeStaged();
    await around.timeline.runUntil(() => !machine.isUp, Infinity);
    store = await booted(around, machine);
    const refusal = { code: 'KVC_E_INTERNAL' };
    await expect(outcome(around, store.checkpoint(someFacts, logged))).rejects.toMatchObject(refusal);
    await expect(outcome(around, store.dropStaged())).rejects.toMatchObject(refusal);
    await expect(outcome(around, store.beginStaging(someSource, someFacts))).rejects.toMatchObject(refusal);
    await outcome(around, store.mergeStaged());
    expect(keysOf(store)).toEqual({ a: 1 });
  });

  it('cannot be opened where it is damaged, but can be set aside', async () => {
    const around = universe();
    const machine = machineIn(around);
    await booted(around, machine);
    expect(machine.disk.files).toEqual([`${dir}/data`]);
    expect(machine.disk.flipByte(`${dir}/data`)).toBe(true);
    machine.kill();
    const { files, openStore } = machine.boot().place;
    const open = (): Promise<KeyStore> => openStore(dir, () => undefined);
    await expect(outcome(around, open())).rejects.toMatchObject({ code: 'KVC_E_STORE_CORRUPT' });
    await outcome(around, files.rename(dir, `${dir}.damaged`));
    expect((await outcome(around, open())).size).toBe(0);
  });
});

function never(): boolean {
  return false;
}
