import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeName } from '../../src/core/ids.js';
import { openIdentity } from '../../src/storage/identity.js';
import { temporaryDir } from './updates.js';

const expected = { clusterId: 'c0ffee', node: 'node1' as NodeName, hasServed: false };

describe('openIdentity', () => {
  it('is created on the first start and found on the next', async () => {
    const dir = join(await temporaryDir(), 'node1');
    expect(await openIdentity(dir, expected)).toEqual({ clusterId: 'c0ffee', replica: 'node1' });
    expect(await openIdentity(dir, { ...expected, hasServed: true })).toEqual({
      clusterId: 'c0ffee',
      replica: 'node1',
    });
    expect(JSON.parse(await readFile(join(dir, 'identity.json'), 'utf8'))).toMatchObject({ format: 1 });
  });

  it('refuses the data of another cluster or node', async () => {
    const dir = await temporaryDir();
    await openIdentity(dir, expected);
    const foreign = { code: 'KVC_E_DATA_FOREIGN' };
    await expect(openIdentity(dir, { ...expected, clusterId: 'beef' })).rejects.toMatchObject(foreign);
    await expect(openIdentity(dir, { ...expected, node: 'node2' as NodeName })).rejects.toMatchObject(
      foreign,
    );
  });

  it('refuses to start a node empty that has served, for it would use dots twice', async () => {
    const opening = openIdentity(await temporaryDir(), { ...expected, hasServed: true });
    await expect(opening).rejects.toMatchObject({ code: 'KVC_E_DATA_LOST' });
    await expect(opening).rejects.toThrow('kvc up --fresh');
  });

  it.each([
    '',
    'no json',
    '[]',
    'null',
    '{}',
    '{"format":2,"clusterId":"c0ffee","replica":"node1"}',
    '{"format":1}',
  ])('refuses the content %j', async (content) => {
    const dir = await temporaryDir();
    await writeFile(join(dir, 'identity.json'), content);
    await expect(openIdentity(dir, expected)).rejects.toMatchObject({ code: 'KVC_E_FORMAT_UNKNOWN' });
  });
});
