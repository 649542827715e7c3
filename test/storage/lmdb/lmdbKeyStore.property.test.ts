import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Version, Versions } from '../../../src/core/versions.js';
import { compareKeys } from '../../../src/storage/keyOrder.js';
import { openLmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';
import type { KeyStore } from '../../../src/storage/keyStore.js';
import type { StoreCut } from '../../../src/storage/storeSnapshot.js';
import { someFacts } from '../../contracts/keyStore.js';
import { readAll, requestAt } from '../../contracts/storeSnapshot.js';
import { versions } from '../updates.js';

const character = fc.constantFrom('a', 'b', '\0', '\uffee', '\u{1f600}', '\ue000', 'é');
const key = fc.array(character, { minLength: 1, maxLength: 4 }).map((characters) => characters.join(''));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('begin' as const), fails: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('finish' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('scan' as const),
      prefix: fc.oneof(fc.constant(''), key),
      after: fc.option(key, { nil: undefined }),
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
);

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return byBytes(left, right);
}

/** Every key has its own request. */
function requestOf(version: Version | undefined): string {
  return requestAt(version?.dot.counter ?? 0);
}

function forget(store: KeyStore, replaced: Versions | undefined): void {
  if (replaced !== undefined) store.requests.remove(requestOf(replaced[0]));
}

describe('compareKeys', () => {
  it('orders well-formed texts as their UTF-8 bytes', () => {
    const text = fc.oneof(key, fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(Math.sign(compareKeys(left, right))).toBe(byBytes(left, right));
      }),
    );
  });
});

describe('the key store in lmdb', () => {
  it('reads and scans like a sorted map, before, during and after checkpoints that succeed or fail, and cuts stay as they were', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kvc-store-'));
    let opened = 0;
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
          const store = await openLmdbKeyStore(join(dir, String((opened += 1))));
          const model = new Map<string, Versions>();
          const running: Promise<unknown>[] = [];
          const checkCut = async (cut: Promise<StoreCut>, expected: [string, Versions][]): Promise<void> => {
            const { keys, requests } = readAll(await cut, 50);
            expect(keys).toEqual(expected);
            const ids = expected.map(([, [version]]) => [requestOf(version), [version?.dot]] as const);
            expect(requests).toEqual(ids.sort(byKey));
          };
          for (const [index, action] of steps.entries()) {
            if (action.kind === 'set') {
              forget(store, model.get(action.key));
              model.set(action.key, versions(index + 1));
              store.set(action.key, versions(index + 1));
              const [version] = versions(index + 1);
              store.requests.set(requestOf(version), [version!.dot]);
            } else if (action.kind === 'remove') {
              forget(store, model.get(action.key));
              model.delete(action.key);
              store.remove(action.key);
            } else if (action.kind === 'begin') {
              const logged = action.fails ? Promise.reject(new Error('no')) : Promise.resolve();
              running.push(store.checkpoint(someFacts, logged).catch(() => undefined));
            } else if (action.kind === 'cut') {
              running.push(checkCut(store.cut(someFacts, Promise.resolve()), [...model].sort(byKey)));
            } else if (action.kind === 'finish') {
              await Promise.all(running);
            } else {
              const { prefix, after, limit } = action;
              const expected = [...model]
                .filter(
                  ([found]) => found.startsWith(prefix) && (after === undefined || byBytes(found, after) > 0),
                )
                .sort(byKey)
                .slice(0, limit)
                .map(([found, value]) => ({ key: found, versions: value }));
              expect(store.scan(action)).toEqual(expected);
            }
          }
          await Promise.all(running);
          for (const [found, value] of model) expect(store.get(found)).toEqual(value);
          expect([store.size, store.requests.size]).toEqual([model.size, model.size]);
          await store.close();
        }),
        { numRuns: 60 },
      );
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
