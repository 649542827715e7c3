import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeName, ReplicaId } from '../../src/core/ids.js';
import { readIdentity, writeIdentity } from '../../src/storage/identity.js';
import { realFiles } from '../../src/storage/realFiles.js';
import { temporaryDir } from './updates.js';

const expected = { clusterId: 'c0ffee', node: 'node1' as NodeName };
const identity = { clusterId: 'c0ffee', replica: 'node1.k3x9f' as ReplicaId, joined: false };

describe('the identity of a data directory', () => {
  it('is absent before it is written, and then found as it was written last', async () => {
    const dir = join(await temporaryDir(), 'node1');
    expect(await readIdentity(realFiles, dir, expected)).toBeUndefined();
    await writeIdentity(realFiles, dir, identity);
    expect(await readIdentity(realFiles, dir, expected)).toEqual(identity);
    await writeIdentity(realFiles, dir, { ...identity, joined: true });
    expect(await readIdentity(realFiles, dir, expected)).toEqual({ ...identity, joined: true });
    expect(JSON.parse(await readFile(join(dir, 'identity.json'), 'utf8'))).toMatchObject({ format: 2 });
  });

  it('of another cluster or node is refused', async () => {
    const dir = await temporaryDir();
    await writeIdentity(realFiles, dir, identity);
    const foreign = { code: 'KVC_E_DATA_FOREIGN' };
    await expect(readIdentity(realFiles, dir, { ...expected, clusterId: 'beef' })).rejects.toMatchObject(
      foreign,
    );
    const other = { ...expected, node: 'node2' as NodeName };
    await expect(readIdentity(realFiles, dir, other)).rejects.toMatchObject(foreign);
  });

  it.each([
    '',
    'no json',
    '[]',
    'null',
    '{}',
    '{"format":1,"clusterId":"c0ffee","replica":"node1"}',
    '{"format":2,"clusterId":"c0ffee","replica":"node1"}',
    '{"format":2,"clusterId":"c0ffee","replica":"Node 1","joined":true}',
  ])('with the content %j is refused', async (content) => {
    const dir = await temporaryDir();
    await writeFile(join(dir, 'identity.json'), content);
    await expect(readIdentity(realFiles, dir, expected)).rejects.toMatchObject({
      code: 'KVC_E_FORMAT_UNKNOWN',
    });
  });
});
