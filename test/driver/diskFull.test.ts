import { describe, expect, it, vi } from 'vitest';
import { KvcError } from '../../src/errors.js';
import { until } from '../support/until.js';
import { text } from '../storage/updates.js';
import { alone, drivenReplica, openStores } from './drivenReplica.js';

const operations = [{ kind: 'put' as const, key: 'k', value: text('v') }];

describe('a driver that is closed while the disk has no room', () => {
  it('for the log says so', async () => {
    const stores = await openStores();
    const { driver } = drivenReplica(stores);
    driver.start();
    await driver.write(operations, alone);
    stores.disk.roomBytes = 0;
    const second = driver.write(operations, alone).catch((error: unknown) => error);
    const unwritten = await driver.close();
    expect(unwritten).toMatchObject({ code: 'KVC_E_DISK_FULL' });
    expect(await second).toBeInstanceOf(KvcError);
    expect(await driver.close(), 'also when it is asked again').toBe(unwritten);
  });

  it('for the store says so', async () => {
    const stores = await openStores();
    const { driver } = drivenReplica(stores);
    driver.start();
    await driver.write(operations, alone);
    fillStore(stores.keys);
    expect(await driver.close()).toMatchObject({ code: 'KVC_E_DISK_FULL' });
  });

  it('says nothing when there was room for all', async () => {
    const { driver } = drivenReplica(await openStores());
    driver.start();
    await driver.write(operations, alone);
    expect(await driver.close()).toBeUndefined();
  });
});

it('a driver that halts while it is closed does not say that all is written', async () => {
  const { driver, halts } = drivenReplica(await openStores());
  driver.start();
  await driver.write(operations, alone);
  const closing = driver.close();
  const error = new KvcError('KVC_E_REMOVED', 'removed');
  driver.fail(error);
  expect(await closing).toBe(error);
  expect(halts).toEqual([error]);
});

describe('a node knows that the disk is full', () => {
  it('where it has no room for the log, and until it has some', async () => {
    const stores = await openStores();
    const { driver } = drivenReplica(stores);
    driver.start();
    stores.disk.roomBytes = 0;
    const written = driver.write(operations, alone);
    await until('it is known', () => driver.isDiskFull);
    await expect(driver.write(operations, alone)).rejects.toMatchObject({ code: 'KVC_E_DISK_FULL' });
    stores.disk.roomBytes = Infinity;
    await written;
    expect(driver.isDiskFull).toBe(false);
  });

  it('where it has no room for the store', async () => {
    const stores = await openStores();
    const { driver } = drivenReplica(stores);
    driver.start();
    const mend = fillStore(stores.keys);
    await driver.write(operations, alone);
    await until('it is known', () => driver.isDiskFull);
    mend();
    await until('it has room again', () => !driver.isDiskFull);
  });
});

/** The store finds no room, until what this returns is called. */
function fillStore(keys: Awaited<ReturnType<typeof openStores>>['keys']): () => void {
  const checkpoint = vi.spyOn(keys, 'checkpoint').mockImplementation((_facts, logged) => {
    logged.catch(() => undefined);
    return Promise.reject(new KvcError('KVC_E_DISK_FULL', 'the disk has no room for the key store'));
  });
  return () => checkpoint.mockRestore();
}
