import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { VersionVector } from '../../src/core/clock/versionVector.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { Update } from '../../src/core/update.js';
import { echoOf, type Versions } from '../../src/core/versions.js';

export const node1 = 'node1' as ReplicaId;
export const node2 = 'node2' as ReplicaId;

/** Where a snapshot comes from. */
export const someSource = { replica: node2, snapshot: 'cut' };

export function vector(entries: Record<string, number>): VersionVector {
  return new Map(Object.entries(entries)) as unknown as VersionVector;
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** A put of `value` under the key `key`, as `replica`'s update number `counter`. */
export function put(
  replica: ReplicaId,
  counter: number,
  value = `value ${counter}`,
  key = `key${counter}`,
): Update {
  return {
    dot: { replica, counter },
    dependencies: vector(replica === node1 ? { node2: 3 } : { node1: 3, node3: 1 }),
    timestamp: 3_481_600_000_000_000 + counter,
    operations: [{ kind: 'put', key, value: text(value) }],
  };
}

export function versions(counter: number, value: string | null = `value ${counter}`): Versions {
  return [
    { dot: { replica: node1, counter }, timestamp: counter, value: value === null ? null : text(value) },
  ];
}

/** A version of every kind. */
export const everyKind: Versions = [
  { dot: { replica: node1, counter: 9 }, timestamp: 9, value: text('v'), expiresMs: 1_700_000_000_000 },
  {
    dot: { replica: node2, counter: 8 },
    timestamp: 8,
    value: null,
    expiresMs: 1_700_000_000_000,
    expiredBy: [
      { replica: node1, counter: 6 },
      { replica: node2, counter: 7 },
    ],
  },
  { kind: 'counter', dot: { replica: node1, counter: 7 }, timestamp: 7, total: -12 },
  { kind: 'member', dot: { replica: node2, counter: 6 }, timestamp: 6, member: text('m') },
  { kind: 'trace', dot: { replica: node1, counter: 5 }, timestamp: 5 },
  echoOf({ replica: node2, counter: 4 }),
];

/** An update with an operation of every kind. */
export function everyOperation(replica: ReplicaId, counter: number): Update {
  return {
    ...put(replica, counter),
    operations: [
      { kind: 'put', key: 'p', value: text('v'), expiresMs: 1_700_000_000_000 },
      { kind: 'delete', key: 'd' },
      { kind: 'increment', key: 'c', amount: -3 },
      { kind: 'add', key: 's', member: text('m') },
      { kind: 'remove', key: 's', member: text('') },
      { kind: 'expire', key: 'e', dot: { replica: node2, counter: 1 } },
    ],
  };
}

/** A directory that is removed at the end of the test. */
export async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'kvc-storage-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
