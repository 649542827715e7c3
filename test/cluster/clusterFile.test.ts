import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readClusterFile, writeClusterFile, type ClusterFile } from '../../src/cluster/clusterFile.js';
import { settleCluster } from '../../src/cluster/planCluster.js';
import { parseNodeName } from '../../src/protocol/names.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kvc-file-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function aFile(): ClusterFile {
  const file = settleCluster({ name: 'test', limits: { pendingUpdatesMax: 7 } }, undefined);
  return {
    ...file,
    formerNodes: [parseNodeName('node4')],
    supervisor: { instance: 'ab', port: 4000, pid: 7, token: 'secret' },
  };
}

it('reads back what was written, for the owner alone, and leaves no temporary file', () => {
  const file = aFile();
  writeClusterFile(dir, file);
  expect(readClusterFile(dir)).toEqual(file);
  expect(statSync(join(dir, 'cluster.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(['cluster.json']);
});

it('says that there is no cluster', () => {
  expect(readClusterFile(dir)).toBeUndefined();
});

it.each([
  ['no JSON', () => '{'],
  ['another format', (file: ClusterFile) => ({ format: 1, ...file })],
  [
    'a port that is none',
    (file: ClusterFile) => ({ format: 2, ...file, nodes: [{ ...file.nodes[0], port: 0 }] }),
  ],
  ['an unknown field', (file: ClusterFile) => ({ format: 2, ...file, surprise: true })],
  ['no founders', (file: ClusterFile) => ({ format: 2, ...file, founders: undefined })],
  ['a founder that is no name', (file: ClusterFile) => ({ format: 2, ...file, founders: ['Node 1'] })],
  ['a former node that is none', (file: ClusterFile) => ({ format: 2, ...file, formerNodes: [7] })],
  ['an unknown limit', (file: ClusterFile) => ({ format: 2, ...file, limits: { patience: 1 } })],
  ['a limit out of range', (file: ClusterFile) => ({ format: 2, ...file, limits: { pendingUpdatesMax: 0 } })],
  ['a name with a path', (file: ClusterFile) => ({ format: 2, ...file, name: '../x' })],
])('refuses %s by its path, and says what to do', (_what, corrupt) => {
  const content = corrupt(aFile());
  writeFileSync(join(dir, 'cluster.json'), typeof content === 'string' ? content : JSON.stringify(content));
  expect(() => readClusterFile(dir)).toThrow(
    expect.objectContaining({
      code: 'KVC_E_FORMAT_UNKNOWN',
      message: expect.stringContaining(dir) as string,
    }) as Error,
  );
});
