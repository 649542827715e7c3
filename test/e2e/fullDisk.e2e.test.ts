import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import { KvcError } from '../../src/errors.js';
import { KvcHome } from '../support/kvcHome.js';
import { report } from '../support/report.js';
import { expectReadableEverywhere, level, sameDigest } from '../support/sameEverywhere.js';
import { canMount, Tmpfs } from '../support/tmpfs.js';
import { until } from '../support/until.js';
import { acknowledgedOf, type Acknowledged } from '../support/writeStorm.js';

const diskMb = 32;
const mib = 1024 * 1024;

const home = new KvcHome();
let disk: Tmpfs;
let nodes: NodeClient[];
beforeEach(async () => {
  home.open();
  disk = new Tmpfs(home.dataDir('node2'), diskMb * mib);
  await home.upNew(3);
  nodes = home.clients();
});
afterEach(({ task }) => home.remove(task, () => disk.unmount()));

/** Writes at node2 that were refused, by code. */
type Refusals = Map<string, number>;

/** Writes large values at node2 until its disk has been full for a while. */
async function fill(acknowledged: Acknowledged[]): Promise<Refusals> {
  const refusals: Refusals = new Map();
  const value = 'x'.repeat(100_000);
  const write = async (client: number): Promise<void> => {
    for (let turn = 1; (refusals.get('KVC_E_DISK_FULL') ?? 0) < 20; turn += 1) {
      const key = `large/${client}/${turn}`;
      try {
        const { dot } = await nodes[1]!.write(key, value);
        acknowledged.push(acknowledgedOf(key, value, dot));
      } catch (error) {
        const code = error instanceof KvcError ? error.code : 'unknown';
        refusals.set(code, (refusals.get(code) ?? 0) + 1);
        await sleep(20);
      }
    }
  };
  await Promise.all([1, 2, 3, 4].map(write));
  return refusals;
}

/** Its own writes, and those of the others that it could not take. */
async function expectNothingLost(acknowledged: readonly Acknowledged[]): Promise<void> {
  await level(nodes, 60_000);
  await expectReadableEverywhere(nodes, acknowledged);
  await sameDigest(nodes);
}

async function writes(at: number, key: string): Promise<Acknowledged> {
  const { dot } = await nodes[at]!.write(key, key);
  return acknowledgedOf(key, key, dot);
}

describe.skipIf(!canMount)(`a node whose disk of ${diskMb} MB is full (needs to mount a file system)`, () => {
  it(
    'refuses writes, serves reads, holds up nobody, and goes on by itself when there is room',
    { timeout: 120_000 },
    async () => {
      const acknowledged: Acknowledged[] = [await writes(1, 'before')];
      const refusals = await fill(acknowledged);
      const inFlight = ['KVC_E_DISK_FULL', 'KVC_E_NOT_DURABLE'];
      for (const code of refusals.keys()) expect(inFlight).toContain(code);
      expect((await nodes[1]!.inspect()).disk_full).toBe(true);
      expect(await nodes[1]!.read('before')).toMatchObject({ value: 'before' });
      expect(await nodes[1]!.list({ limit: 5 })).toMatchObject({ keys: { length: 5 } });
      for (const at of [0, 2]) acknowledged.push(await writes(at, `meanwhile ${at}`));
      await until('node3 has it', async () => (await nodes[2]!.read('meanwhile 0')).value !== null);
      await expect(writes(1, 'still full')).rejects.toMatchObject({ code: 'KVC_E_DISK_FULL' });
      expect((await home.kvc('inspect', 'node2')).out).toContain('the disk is full: no writes');

      disk.resize(2 * diskMb * mib);
      acknowledged.push(await until('it writes again', () => writes(1, 'after'), 10_000));
      // The key store tries again every second, the log more often.
      await until('it has room for all', async () => !(await nodes[1]!.inspect()).disk_full, 10_000);
      await expectNothingLost(acknowledged);
      expect((await home.control().status()).nodes[1]!.restarts, 'it never stopped').toBe(0);
      const pid = home.pidOf('node2');
      await home.ok('restart', 'node2');
      expect(home.pidOf('node2')).not.toBe(pid);
      await expectNothingLost(acknowledged);
      report('full disk', {
        acknowledged: acknowledged.length,
        refused: [...refusals].map(([code, count]) => `${code} ${count}`).join(' '),
      });
    },
  );

  it('comes back when there is room, if it is killed meanwhile', { timeout: 120_000 }, async () => {
    const acknowledged: Acknowledged[] = [];
    await fill(acknowledged);
    process.kill(home.pidOf('node2'), 'SIGKILL');
    acknowledged.push(await writes(0, 'meanwhile'));
    await until('it is noticed', async () => (await home.control().status()).nodes[1]!.restarts > 0);
    disk.resize(2 * diskMb * mib);
    acknowledged.push(await until('it writes again', () => writes(1, 'after'), 30_000));
    await expectNothingLost(acknowledged);
    expect((await nodes[1]!.inspect()).replica, 'it kept its data').toBe('node2');
  });
});
