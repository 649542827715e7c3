import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KvcError } from '../../../src/errors.js';
import { openLmdbKeyStore, type LmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';
import { someFacts } from '../../contracts/keyStore.js';
import { requestAt } from '../../contracts/storeSnapshot.js';
import { node1, versions, someSource } from '../updates.js';

const pageBytes = 4096;

interface Damage {
  readonly kind: 'garbage' | 'zeros' | 'bit' | 'cut' | 'page of elsewhere';
  readonly place: number;
  readonly length: number;
  readonly garbage: Uint8Array;
}

const anywhere = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom('garbage', 'garbage', 'zeros', 'bit', 'cut', 'page of elsewhere'),
  // The first two pages are few but decide over everything.
  place: fc.oneof(
    { weight: 4, arbitrary: anywhere },
    { weight: 1, arbitrary: anywhere.map((at) => at / 100) },
  ),
  length: fc.integer({ min: 1, max: 3 * pageBytes }),
  garbage: fc.uint8Array({ minLength: 1, maxLength: 64 }),
});

function damaged(pristine: Buffer, { kind, place, length, garbage }: Damage): Buffer {
  const bytes = Buffer.from(pristine);
  const at = Math.floor(place * bytes.length);
  if (kind === 'cut') return bytes.subarray(0, at);
  if (kind === 'bit') bytes[at]! ^= 1 << (length % 8);
  else if (kind === 'zeros') bytes.fill(0, at, Math.min(at + length, bytes.length));
  else if (kind === 'garbage') bytes.fill(garbage, at, Math.min(at + length, bytes.length));
  else {
    const source = Math.floor(((length * 7919) % bytes.length) / pageBytes) * pageBytes;
    pristine.copy(bytes, Math.floor(at / pageBytes) * pageBytes, source, source + pageBytes);
  }
  return bytes;
}

/** A checksum of all that a store has, by every way of reading it. */
function contentOf(store: LmdbKeyStore): string {
  const entries = store.scan({ prefix: '', limit: 10_000 });
  const gotten = entries.map(({ key }) => ({ key, versions: store.get(key) }));
  expect(serialize(gotten).equals(serialize(entries))).toBe(true);
  const requests = store.requests.oldest('9', 10_000);
  const all = serialize({ entries, requests, opened: store.opened, staged: store.staged });
  return createHash('sha256').update(all).digest('hex');
}

/** Keys of all sizes, free pages, requests, and a staged snapshot. The last checkpoints leave everything as it is. */
async function fill(store: LmdbKeyStore): Promise<void> {
  const checkpoint = (): Promise<void> => store.checkpoint(someFacts, Promise.resolve());
  for (let round = 1; round <= 4; round += 1) {
    for (let index = round; index < 400; index += round) {
      store.set(`key${index}`, versions(round, 'x'.repeat(index % 40 === 0 ? 9000 : index)));
      if (index % 9 === 0) store.remove(`key${index - 1}`);
      store.requests.set(requestAt(index), [{ replica: node1, counter: round }]);
    }
    await checkpoint();
  }
  await store.beginStaging(someSource, someFacts);
  const keys = Array.from({ length: 100 }, (_, index) => ({
    key: `staged${index}`,
    versions: versions(index + 1),
  }));
  await store.stage({ requests: [], keys }, 'complete');
  for (let round = 0; round < 2; round += 1) await checkpoint();
}

describe('a damaged file of the key store', () => {
  let dir: string;
  let pristine: Buffer;
  let content: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kvc-damage-'));
    const store = await openLmdbKeyStore(join(dir, 'pristine'));
    await fill(store);
    await store.close();
    const reopened = await openLmdbKeyStore(join(dir, 'pristine'));
    content = contentOf(reopened);
    await reopened.close();
    pristine = await readFile(join(dir, 'pristine', 'data.mdb'));
  });

  afterAll(() => rm(dir, { recursive: true }));

  it('is refused, or gives what was written and can be written to, but never ends the process', async () => {
    const outcomes = { refused: 0, harmless: 0 };
    await fc.assert(
      fc.asyncProperty(damage, async (drawn) => {
        const copy = join(dir, 'copy');
        await rm(copy, { recursive: true, force: true });
        await cp(join(dir, 'pristine'), copy, { recursive: true });
        await writeFile(join(copy, 'data.mdb'), damaged(pristine, drawn));
        const store = await openLmdbKeyStore(copy).catch((error: unknown) => error);
        if (store instanceof KvcError) {
          expect(store).toMatchObject({
            code: 'KVC_E_STORE_CORRUPT',
            facts: { file: join(copy, 'data.mdb') },
          });
          outcomes.refused += 1;
          return;
        }
        const opened = store as LmdbKeyStore;
        expect(contentOf(opened)).toBe(content);
        for (let index = 0; index < 200; index += 1) opened.set(`new${index}`, versions(1));
        await opened.checkpoint(someFacts, Promise.resolve());
        for (let index = 0; index < 200; index += 1) opened.remove(`new${index}`);
        await opened.checkpoint(someFacts, Promise.resolve());
        expect(contentOf(opened)).toBe(content);
        await opened.close();
        outcomes.harmless += 1;
      }),
      { numRuns: 200 },
    );
    expect(outcomes.refused).toBeGreaterThan(50);
    expect(outcomes.harmless).toBeGreaterThan(10);
  });
});
