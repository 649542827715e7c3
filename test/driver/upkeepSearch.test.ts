import { expect, it, vi } from 'vitest';
import { KvcError } from '../../src/errors.js';
import { until } from '../support/until.js';
import { versions } from '../storage/updates.js';
import { drivenReplica, openStores } from './drivenReplica.js';

it('finds tombstones that a store has from before', async () => {
  const stores = await openStores();
  stores.keys.set('gone', versions(1, null));
  stores.keys.set('there', versions(2));
  const { driver, replica } = drivenReplica(stores);
  const stepped = vi.spyOn(replica, 'step');
  driver.start();
  await until('it has found the tombstone', () =>
    stepped.mock.calls.some(([input]) => input.kind === 'found' && input.keys.join() === 'gone'),
  );
});

it('stops the node when it comes upon a damaged record', async () => {
  const stores = await openStores();
  stores.keys.set('gone', versions(1, null));
  const { driver, halts, complaints } = drivenReplica(stores);
  vi.spyOn(stores.keys, 'scan').mockImplementation(() => {
    throw new KvcError('KVC_E_STORE_CORRUPT', 'a record is damaged');
  });
  driver.start();
  await until('the node is stopped', () => halts.length > 0);
  expect(halts.map(({ code }) => code)).toEqual(['KVC_E_STORE_CORRUPT']);
  expect(complaints).toEqual([]);
});
