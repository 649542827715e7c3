import { expect, it } from 'vitest';
import { Snapshots } from '../../src/driver/snapshots.js';
import { realTime } from '../../src/node/realTime.js';
import type { StoreCut } from '../../src/storage/storeSnapshot.js';
import { MemoryKeyStore } from '../../src/storage/memory/memoryKeyStore.js';
import { someFacts } from '../contracts/keyStore.js';
import { node1, node2 } from '../storage/updates.js';

const first = { from: node2, snapshot: null, position: null };

it('a cut that is ready when the snapshots were closed meanwhile is closed too', async () => {
  const cut = await new MemoryKeyStore().cut(someFacts, Promise.resolve());
  let finish: (cut: StoreCut) => void = () => undefined;
  const snapshots = new Snapshots(
    { time: realTime(), random: Math.random },
    node1,
    () => new Promise((resolve) => (finish = resolve)),
  );
  const reading = snapshots.read(first);
  snapshots.close();
  finish(cut);
  await expect(reading).rejects.toMatchObject({ code: 'KVC_E_SNAPSHOT_GONE' });
  expect(() => cut.read(undefined, 1)).toThrow(expect.objectContaining({ code: 'KVC_E_CLOSED' }) as Error);
  expect(snapshots.given).toBe(0);
});
