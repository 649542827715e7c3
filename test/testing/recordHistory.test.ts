import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operationOfLine } from '../../src/check/formats/operationLine.js';
import { parseHistoryLine } from '../../src/check/formats/ndjson.js';
import type { History, Operation } from '../../src/check/history.js';
import type { KvcClient } from '../../src/index.js';
import { recordHistory, startCluster, type RecordedHistory } from '../../src/testing/index.js';
import { until } from '../support/until.js';

/** What a history says of one session, in short. */
function told(history: RecordedHistory, session: string): unknown[] {
  return history
    .operations()
    .filter((operation) => operation.session === session)
    .map(({ status, accesses }) => [
      status,
      ...accesses.map((access) =>
        access.kind === 'write'
          ? `${access.key}=${String(access.value)}`
          : `${access.key}?${access.returned.map(({ value }) => String(value)).join('|')}`,
      ),
    ]);
}

/** Alice shows a photo, bob who has seen it an album, carol looks at the album and then for the photo, where that is late. */
async function lookForPhoto(delivery: 'causal' | 'fifo'): Promise<RecordedHistory> {
  await using cluster = await startCluster({ delivery });
  const history = recordHistory();
  const [alice, bob, carol] = await Promise.all(
    ['alice', 'bob', 'carol'].map(async (name, index) =>
      history.wrap((await cluster.connect()).at(`node${index + 1}`), name),
    ),
  );
  await cluster.hold('node1:node3');
  await alice!.set('photo', 'beach');
  await until('bob sees it', async () => (await bob!.get('photo')).value === 'beach');
  await bob!.set('album', { photos: 1 });
  await until('the album is at node3', async () => {
    const { clock, pending_total } = await cluster.inspect('node3');
    return pending_total > 0 || clock['node2'] === 1;
  });
  await carol!.get('album');
  await carol!.get('photo');
  await cluster.heal();
  await until('carol sees the album', async () => (await carol!.get('album')).value !== undefined);
  await carol!.get('photo');
  await history.readFinally(cluster);
  return history;
}

describe('recordHistory', () => {
  it('finds what a causal cluster gives its clients consistent', async () => {
    const { verdict, coverage, levels } = await (await lookForPhoto('causal')).verdict();
    expect(levels.filter((level) => level.verdict === 'violation')).toEqual([]);
    expect(verdict).toBe('consistent');
    expect(coverage).toMatchObject({ finalReads: 6, replicas: 3, writes: 2 });
    expect(coverage.readsAtRiskOfOthers).toBeGreaterThan(0);
  });

  it('finds the anomaly of a cluster that ignores dependencies', async () => {
    const { verdict, levels } = await (await lookForPhoto('fifo')).verdict();
    expect(verdict).toBe('violation');
    expect(levels.find(({ level }) => level === 'CC')?.anomaly?.explanation).toContain('photo');
  });

  it('tells what each operation did and what came of it', async () => {
    await using cluster = await startCluster({ nodes: 1 });
    const history = recordHistory();
    const client = history.wrap(await cluster.connect(), 'alice');
    await client.set('a', 1);
    await client.get('a');
    await client
      .batch()
      .set('b', 'old')
      .set('b', { at: new Date(0) })
      .delete('a')
      .commit();
    await client.getMany(['a', 'b']);
    await client.siblings('nothing');
    await expect(client.set('b', 2, { create: true })).rejects.toMatchObject({
      code: 'KVC_E_CONDITION_FAILED',
    });
    await client.session().set('c', new Uint8Array([1]));
    expect(told(history, 'alice')).toEqual([
      ['ok', 'a=1'],
      ['ok', 'a?1'],
      ['ok', 'b={"at":"1970-01-01T00:00:00.000Z"}', 'a=null'],
      ['ok', 'a?null', 'b?{"at":"1970-01-01T00:00:00.000Z"}'],
      ['ok', 'nothing?null'],
      ['fail', 'b=2'],
    ]);
    expect(told(history, 'alice/1')).toEqual([['ok', 'c=bytes AQ==']]);
    const wids = history
      .operations()
      .map(({ accesses: [first] }) => (first?.kind === 'write' ? first.wid : ''));
    expect(wids).toEqual(['node1:1', '', 'node1:2', '', '', undefined, 'node1:3']);
  });

  it('calls what may have happened neither done nor failed', async () => {
    await using cluster = await startCluster({ nodes: 2 });
    const history = recordHistory();
    const client = history.wrap((await cluster.connect()).at('node1'), 'alice');
    await cluster.partition(['node1'], ['node2']);
    const unsafe = client.set('a', 'late', { replicas: 2, timeout: 300 });
    await expect(unsafe).rejects.toMatchObject({ code: 'KVC_E_NOT_DURABLE' });
    await client.get('a');
    await cluster.pause('node1');
    await expect(client.get('a', { timeout: 100 })).rejects.toThrow();
    await expect(client.delete('a', { timeout: 100 })).rejects.toThrow();
    await cluster.resume('node1');
    expect(told(history, 'alice')).toEqual([
      ['info', 'a=late'],
      ['ok', 'a?late'],
      ['info', 'a=null'],
    ]);
    await cluster.heal();
    await history.readFinally(cluster);
    expect((await history.verdict()).verdict).toBe('consistent');
  });

  it('records how a conflict was resolved', async () => {
    await using cluster = await startCluster({ nodes: 2 });
    const history = recordHistory();
    const client = await cluster.connect();
    const [one, two] = ['node1', 'node2'].map((node) => history.wrap(client.session('new').at(node), node));
    await cluster.partition(['node1'], ['node2']);
    await one!.set('k', 'x');
    await two!.set('k', 'y');
    await cluster.heal();
    await cluster.converged();
    await one!.resolve('k', (siblings) =>
      siblings
        .map(({ value }) => String(value))
        .sort()
        .join('+'),
    );
    await one!.resolve('k', () => 'never');
    const [, read, write, readAgain] = told(history, 'node1');
    expect(read).toEqual(['ok', expect.stringMatching(/^k\?(x\|y|y\|x)$/)]);
    expect([write, readAgain]).toEqual([
      ['ok', 'k=x+y'],
      ['ok', 'k?x+y'],
    ]);
    await history.readFinally(cluster);
    expect((await history.verdict()).verdict).toBe('consistent');
  });

  it('leaves out counters, sets and values that expire, whenever it learns of them', async () => {
    await using cluster = await startCluster({ nodes: 1 });
    const history = recordHistory();
    const client = history.wrap(await cluster.connect(), 'alice');
    await client.getMany(['visits', 'tags', 'login', 'plain']);
    await client.increment('visits');
    await client.add('tags', ['a']);
    await client.set('login', 'alice', { ttlMs: 60_000 });
    await client.batch().set('plain', 1).increment('total').commit();
    await client.getMany(['visits', 'tags', 'login', 'plain', 'total']);
    expect(told(history, 'alice')).toEqual([
      ['ok', 'plain?null'],
      ['ok', 'plain=1'],
      ['ok', 'plain?1'],
    ]);
    expect((await history.verdict()).verdict).toBe('consistent');
  });

  it('tells of what a client does at once as of several sessions, each of which does one thing after the other', async () => {
    await using cluster = await startCluster();
    const history = recordHistory();
    const client = history.wrap(await cluster.connect(), 'alice');
    const work = async (lane: number): Promise<void> => {
      for (let round = 0; round < 10; round += 1) {
        await client.set(`k${(lane + round) % 3}`, `${lane}-${round}`);
        await client.get(`k${round % 3}`);
      }
    };
    await Promise.all([1, 2, 3].map(work));
    await client.get('k1');
    expect(new Set(history.operations().map(({ session }) => session))).toEqual(
      new Set(['alice', 'alice~2', 'alice~3']),
    );
    expect(overlaps(history.operations())).toEqual([]);
    await history.readFinally(cluster);
    expect((await history.verdict()).verdict).toBe('consistent');
  });

  it('writes a file that says the same', async () => {
    const history = await lookForPhoto('causal');
    const dir = await mkdtemp(join(tmpdir(), 'kvc-history-'));
    await history.write(join(dir, 'history.ndjson'));
    const lines = (await readFile(join(dir, 'history.ndjson'), 'utf8')).trim().split('\n');
    await rm(dir, { recursive: true });
    const read = lines.map((line, index) => operationOfLine(parseHistoryLine(line, index + 1), index + 1));
    expect(read).toEqual(history.operations());
  });

  it('refuses names that are none, or taken', () => {
    const history = recordHistory();
    const client = {} as KvcClient;
    history.wrap(client, 'alice');
    for (const name of ['alice', '', 'a b', 'alice~2', 'final.node1'])
      expect(() => history.wrap(client, name), name).toThrow(
        expect.objectContaining({ code: 'KVC_E_USAGE' }),
      );
  });
});

/** Operations of a session that began before the one before them had ended. */
function overlaps(history: History): Operation[] {
  const ends = new Map<string, number>();
  return history.filter(({ session, startMs = 0, endMs = 0 }) => {
    const before = ends.get(session) ?? 0;
    ends.set(session, endMs);
    return startMs < before;
  });
}
