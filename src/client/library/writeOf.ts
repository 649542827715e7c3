import { KvcError } from '../../errors.js';
import type { BatchWriteJson } from '../../protocol/api.js';
import { asArray, asInteger, badField } from '../../protocol/fields.js';
import { parseKey } from '../../protocol/keys.js';
import { limits } from '../../protocol/limits.js';
import type { Codec } from './codec.js';
import { memberJson, valueJson } from './storedValue.js';

/** @throws KvcError KVC_E_KEY_INVALID, KVC_E_CODEC, KVC_E_VALUE_TOO_LARGE or KVC_E_BAD_REQUEST */
export function putOf(codec: Codec, key: string, value: unknown, ttlMs: number | undefined): BatchWriteJson {
  const ttl = ttlMs === undefined ? {} : { ttl_ms: asInteger(ttlMs, 'ttlMs', 1, Number.MAX_SAFE_INTEGER) };
  return { key: parseKey(key), ...valueJson(codec, value), ...ttl };
}

/** @throws KvcError KVC_E_KEY_INVALID */
export function deletionOf(key: string): BatchWriteJson {
  return { key: parseKey(key), delete: true };
}

/** @throws KvcError KVC_E_KEY_INVALID or KVC_E_BAD_REQUEST */
export function incrementOf(key: string, by: number): BatchWriteJson {
  const increment = asInteger(by, 'by', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (increment === 0) throw badField('by', 'an integer other than 0', by);
  return { key: parseKey(key), increment };
}

/** @throws KvcError KVC_E_KEY_INVALID, KVC_E_CODEC, KVC_E_VALUE_TOO_LARGE, KVC_E_MESSAGE_TOO_LARGE or KVC_E_BAD_REQUEST */
export function membershipsOf(
  kind: 'add' | 'remove',
  key: string,
  members: readonly (string | Uint8Array)[],
): BatchWriteJson[] {
  const parsed = parseKey(key);
  if (asArray(members, 'members').length === 0) {
    throw badField('members', 'an array of at least one member', members);
  }
  const writes = members.map((member): BatchWriteJson => {
    const { value, ...encoding } = memberJson(member);
    const fields = { key: parsed, ...encoding };
    return kind === 'add' ? { ...fields, add: value } : { ...fields, remove: value };
  });
  requireBatchSize(
    writes.length,
    writes.reduce((sum, write) => sum + bytesOf(write), 0),
  );
  return writes;
}

/**
 * What one update may hold. Nodes refuse more, too, but not without receiving it.
 * @throws KvcError KVC_E_MESSAGE_TOO_LARGE
 */
export function requireBatchSize(writes: number, bytes: number): void {
  const { batchOperationsMax, batchBytesMax } = limits;
  if (writes > batchOperationsMax) {
    const message = `a batch has at most ${batchOperationsMax} writes; each member of a set is one`;
    throw new KvcError('KVC_E_MESSAGE_TOO_LARGE', message, { limit: batchOperationsMax });
  }
  if (bytes <= batchBytesMax) return;
  const message = `keys and values of a batch have at most ${batchBytesMax} bytes together`;
  throw new KvcError('KVC_E_MESSAGE_TOO_LARGE', message, { limit: batchBytesMax });
}

/** Bytes of the key and of what is written. */
export function bytesOf(write: BatchWriteJson): number {
  const text =
    'value' in write ? write.value : 'add' in write ? write.add : 'remove' in write ? write.remove : '';
  const encoding = 'encoding' in write ? 'base64' : 'utf8';
  return Buffer.byteLength(write.key) + Buffer.byteLength(text, encoding);
}
