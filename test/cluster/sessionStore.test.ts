import { mkdtemp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionStore } from '../../src/cluster/sessionStore.js';

let dir: string;
let store: SessionStore;
let nowMs: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kvc-sessions-'));
  nowMs = 1000;
  store = new SessionStore(dir, () => nowMs);
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const token = (entries: string) => `kvc1.cluster.${entries}`;

describe('SessionStore', () => {
  it('keeps a session for the next process, readable by its owner alone', async () => {
    await store.save('alice', token('node1:1'));
    const kept = { name: 'alice', token: token('node1:1'), updated_at_ms: 1000 };
    expect(await new SessionStore(dir).find('alice')).toEqual(kept);
    expect((await stat(join(dir, 'sessions', 'alice.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, 'sessions'))).mode & 0o777).toBe(0o700);
  });

  it('never forgets on save what was seen before', async () => {
    await store.save('alice', token('node1:5,node2:1'));
    nowMs = 2000;
    const record = await store.save('alice', token('node1:3,node3:2'));
    expect(record.token).toBe(token('node1:5,node2:1,node3:2'));
    expect(record.updated_at_ms).toBe(2000);
  });

  it('loses nothing of what concurrent commands saw', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
    await Promise.all(names.map((name) => new SessionStore(dir).save('alice', token(`${name}:1`))));
    const seen = (await store.get('alice')).token;
    for (const name of names) expect(seen).toContain(`${name}:1`);
    expect(await readdir(join(dir, 'sessions'))).toEqual(['alice.json']);
  });

  it('takes over the lock of a process that was killed, but not a fresh one', async () => {
    const lock = join(dir, 'sessions', 'alice.lock');
    await mkdir(join(dir, 'sessions'));
    await writeFile(lock, '');
    const saving = store.save('alice', token('node1:1'));
    let saved = false;
    void saving.then(() => (saved = true));
    // Others get their locks meanwhile; this one waits.
    for (let turn = 0; turn < 5; turn += 1) await store.save(`bob`, token('node1:1'));
    expect(saved).toBe(false);
    await utimes(lock, new Date(0), new Date(0));
    expect((await saving).token).toBe(token('node1:1'));
  });

  it('lists sessions by name and ignores files that are none', async () => {
    expect(await store.list()).toEqual([]);
    await store.save('bob', token('node1:1'));
    await store.save('alice', token('node1:2'));
    await writeFile(join(dir, 'sessions', 'alice.json.123.tmp'), 'half');
    await writeFile(join(dir, 'sessions', 'Not A Name.json'), '{}');
    expect((await store.list()).map(({ name }) => name)).toEqual(['alice', 'bob']);
  });

  it('says of an unknown session which ones there are, and makes no directory', async () => {
    await expect(store.get('alice')).rejects.toMatchObject({ code: 'KVC_E_SESSION_UNKNOWN' });
    await expect(store.reset('alice')).rejects.toMatchObject({ code: 'KVC_E_SESSION_UNKNOWN' });
    expect(await readdir(dir)).toEqual([]);
    await store.save('bob', token('node1:1'));
    await expect(store.get('alice')).rejects.toThrow(/there are bob/);
  });

  it('forgets a session that is reset', async () => {
    await store.save('alice', token('node1:1'));
    await store.reset('alice');
    expect(await store.find('alice')).toBeUndefined();
  });

  it('merges sources into a target, new or not, and leaves the sources', async () => {
    await store.save('bob', token('node1:3'));
    await store.save('carol', token('node2:4'));
    expect((await store.merge('alice', ['bob', 'carol'])).token).toBe(token('node1:3,node2:4'));
    expect((await store.get('bob')).token).toBe(token('node1:3'));
    await expect(store.merge('alice', ['bob', 'dave'])).rejects.toMatchObject({
      code: 'KVC_E_SESSION_UNKNOWN',
    });
  });

  it('refuses tokens of another cluster and leaves the session as it was', async () => {
    await store.save('alice', token('node1:1'));
    await expect(store.save('alice', 'kvc1.other.node1:9')).rejects.toMatchObject({
      code: 'KVC_E_TOKEN_FOREIGN',
    });
    expect((await store.get('alice')).token).toBe(token('node1:1'));
  });

  it.each(['', '{', '{"format":2}', '{"format":1,"token":"x","updated_at_ms":1}'])(
    'reports the content %j as unreadable, and can forget it',
    async (content) => {
      await store.save('alice', token('node1:1'));
      await writeFile(join(dir, 'sessions', 'alice.json'), content);
      await expect(store.find('alice')).rejects.toMatchObject({
        code: 'KVC_E_FORMAT_UNKNOWN',
        message: expect.stringContaining('kvc session reset alice') as unknown,
      });
      await store.reset('alice');
      expect(await store.find('alice')).toBeUndefined();
    },
  );

  it('reports that it cannot write, and holds no lock afterwards', async () => {
    await writeFile(join(dir, 'sessions'), 'a file where the directory should be');
    await expect(store.save('alice', token('node1:1'))).rejects.toMatchObject({ code: 'KVC_E_STORE_FAILED' });
    expect(await readFile(join(dir, 'sessions'), 'utf8')).toContain('a file');
  });
});
