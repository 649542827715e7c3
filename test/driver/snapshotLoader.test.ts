import { describe, expect, it } from 'vitest';
import { emptyVector } from '../../src/core/clock/versionVector.js';
import { nodeOf } from '../../src/core/ids.js';
import { KvcError } from '../../src/errors.js';
import { realTime } from '../../src/node/realTime.js';
import { takeSnapshot } from '../../src/driver/snapshotLoader.js';
import { parseReplicaId } from '../../src/protocol/names.js';
import type { SnapshotChunk } from '../../src/protocol/snapshotChunk.js';
import type { SnapshotPartRequest } from '../../src/protocol/snapshotPartRequest.js';
import { MemoryKeyStore } from '../../src/storage/memory/memoryKeyStore.js';
import { MemoryTransport } from '../../src/transport/memoryTransport.js';
import { someFacts } from '../contracts/keyStore.js';
import { node1, node2, versions } from '../storage/updates.js';

const node3 = parseReplicaId('node3');

function chunk(parts: Partial<SnapshotChunk> = {}): SnapshotChunk {
  const keys = [{ key: 'b', versions: versions(2) }];
  const source = { from: node2, snapshot: 'cut', checkpoint: someFacts };
  return { ...source, requests: [], keys, next: null, entries: 2, ...parts };
}

/** A node that has the first part of a snapshot of node2, and a peer that answers with these. */
async function halfLoaded(...answers: (SnapshotChunk | KvcError)[]) {
  const keys = new MemoryKeyStore();
  await keys.beginStaging({ replica: node2, snapshot: 'cut' }, someFacts);
  await keys.stage({ requests: [], keys: [{ key: 'a', versions: versions(1) }] }, 'ka');
  const asked: SnapshotPartRequest[] = [];
  const transport = new MemoryTransport(new Map());
  transport.fetchSnapshot = (_peer, request) => {
    asked.push(request);
    const answer = answers.shift() ?? new KvcError('KVC_E_NODE_UNKNOWN', 'no more answers');
    return answer instanceof KvcError ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const progress: string[] = [];
  const options = {
    time: realTime(),
    replica: node1,
    transport,
    keys,
    mustCover: emptyVector,
    progress: (reason: string) => progress.push(reason),
    signal: new AbortController().signal,
  };
  return { keys, asked, progress, take: (from = node2) => takeSnapshot(options, nodeOf(from)) };
}

describe('a snapshot that was begun before', () => {
  it('goes on where it was, and counts all that is here of it', async () => {
    const { keys, asked, progress, take } = await halfLoaded(chunk());
    expect(await take()).toBeUndefined();
    expect(asked).toEqual([{ from: node1, snapshot: 'cut', position: 'ka' }]);
    expect(progress).toEqual(['loads a snapshot from node2: 2 of 2 entries']);
    expect(keys.staged?.next).toBe('complete');
  });

  it.each([
    ['another cut', { snapshot: 'other' }],
    ['another incarnation', { from: parseReplicaId('node2.k3x9fa') }],
  ])('takes no part of %s', async (_, parts) => {
    const { keys, take } = await halfLoaded(chunk(parts));
    expect(await take()).toContain('another snapshot');
    expect(keys.stagedEntries).toBe(1);
    expect(keys.staged).toMatchObject({ source: { replica: node2, snapshot: 'cut' }, next: 'ka' });
  });

  it('stays when another peer has no snapshot', async () => {
    const { keys, take } = await halfLoaded(new KvcError('KVC_E_SNAPSHOT_GONE', 'there is none'));
    expect(await take(node3)).toContain('no more answers');
    expect(keys.stagedEntries).toBe(1);
  });

  it('goes when its own peer has it no more, and is begun anew', async () => {
    const gone = new KvcError('KVC_E_SNAPSHOT_GONE', 'there is none');
    const { keys, asked, take } = await halfLoaded(gone, chunk({ snapshot: 'new', entries: 1 }));
    expect(await take()).toBeUndefined();
    expect(asked.at(-1)).toEqual({ from: node1, snapshot: null, position: null });
    expect(keys.stagedEntries).toBe(1);
  });
});

it('a peer that is not reached is not waited for, but where it has given a part already', async () => {
  const away = new KvcError('KVC_E_NODE_UNREACHABLE', 'no way');
  const other = await halfLoaded(away, away);
  expect(await other.take(node3)).toContain('no way');
  expect(other.asked.length).toBe(1);
  const same = await halfLoaded(away, chunk());
  expect(await same.take()).toBeUndefined();
  expect(same.asked.length).toBe(2);
});

it('the state of another node than was asked is not taken', async () => {
  const { keys, take } = await halfLoaded(chunk());
  expect(await take(node3)).toContain('the state of node2');
  expect(keys.staged?.source.replica).toBe(node2);
});
