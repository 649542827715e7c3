import type { ReadEntryJson, VersionJson } from '../../protocol/api.js';
import type { Codec } from './codec.js';
import type { Entry, KeyVersion } from './entry.js';
import { valueOf } from './storedValue.js';

/** Where and when an entry was read. */
export interface ReadAt {
  readonly node: string;
  readonly token: string;
}

/** @throws KvcError KVC_E_CODEC */
export function entryOf<Value>(codec: Codec, read: ReadEntryJson, at: ReadAt): Entry<Value> {
  return {
    key: read.key,
    value: valueOf(codec, read) as Value | undefined,
    type: read.type ?? 'value',
    dot: read.dot,
    siblings: read.siblings.map((version) => versionOf<Value>(codec, version)),
    ...(read.expires_at_ms === undefined ? {} : { expiresAt: read.expires_at_ms }),
    node: at.node,
    token: at.token,
  };
}

/** All versions of a key, the winner first; none where it was never written. */
export function versionsOf<Value>({ dot, siblings, ...winner }: Entry<Value>): KeyVersion<Value>[] {
  if (dot === null) return [];
  const { value, type, expiresAt } = winner;
  return [{ value, type, dot, ...(expiresAt === undefined ? {} : { expiresAt }) }, ...siblings];
}

function versionOf<Value>(codec: Codec, version: VersionJson): KeyVersion<Value> {
  return {
    value: valueOf(codec, version) as Value | undefined,
    type: version.type ?? 'value',
    dot: version.dot,
    ...(version.expires_at_ms === undefined ? {} : { expiresAt: version.expires_at_ms }),
  };
}
