import { expect, it, onTestFinished, vi } from 'vitest';
import { emptyCheckpoint } from '../../src/storage/checkpointRecord.js';
import { LmdbKeyStore } from '../../src/storage/lmdb/lmdbKeyStore.js';
import { openNodeData } from '../../src/driver/nodeData.js';
import { realPlace } from '../../src/node/realPlace.js';
import { parseNodeName } from '../../src/protocol/names.js';
import { temporaryDir, vector, versions } from '../storage/updates.js';

it('closes log and store again where they do not fit together', async () => {
  const name = parseNodeName('node1');
  const config = {
    clusterId: 'c1',
    clusterName: 'test',
    self: name,
    instance: 'test',
    members: [{ name, port: 1 }],
    founders: [name],
    dataDir: await temporaryDir(),
    hasServed: false,
    delivery: 'causal' as const,
    limits: {},
    faults: [],
  };
  const around = { place: realPlace('test'), random: Math.random, report: () => undefined };
  const data = await openNodeData(config, around);
  data.keys.set('k', versions(1));
  await data.keys.checkpoint({ ...emptyCheckpoint, clock: vector({ node1: 1 }) }, Promise.resolve());
  await data.close();
  const closed = vi.spyOn(LmdbKeyStore.prototype, 'close');
  onTestFinished(() => closed.mockRestore());
  await expect(openNodeData(config, around)).rejects.toMatchObject({ code: 'KVC_E_DATA_LOST' });
  expect(closed).toHaveBeenCalledOnce();
});
