import type { RequestId } from '../core/update.js';
import { badField } from './fields.js';
import { parseKey } from './keys.js';
import { isRequestId } from './requestId.js';

/**
 * How far a snapshot has been read: `r` and the last request id, or `k` and the last key, for first come all requests, then
 * all keys, each in order; or `f` and a key to begin with. Opaque to all but the store that gave it.
 */
export type SnapshotPosition = `r${string}` | `k${string}` | `f${string}`;

export type SnapshotPlace =
  | { readonly table: 'requests'; readonly after: RequestId }
  | { readonly table: 'keys'; readonly after: string }
  | { readonly table: 'keys'; readonly from: string };

export function snapshotPosition(place: SnapshotPlace): SnapshotPosition {
  if ('from' in place) return `f${place.from}`;
  return place.table === 'requests' ? `r${place.after}` : `k${place.after}`;
}

/** Where the keys with a prefix begin, and with an empty one all keys. */
export function firstWithPrefix(prefix: string): SnapshotPosition {
  return snapshotPosition({ table: 'keys', from: prefix === '' ? leastKey : prefix });
}

const leastKey = '\0';

/**
 * A position that is passed on as it is.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID
 */
export function snapshotPositionOf(input: unknown, field?: string): SnapshotPosition {
  return snapshotPosition(parseSnapshotPosition(input, field));
}

/** @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID */
export function parseSnapshotPosition(input: unknown, field = 'position'): SnapshotPlace {
  const after = typeof input === 'string' ? input.slice(1) : '';
  if (typeof input === 'string' && input.startsWith('f')) {
    return { table: 'keys', from: parseKey(after, field) };
  }
  if (typeof input === 'string' && input.startsWith('k')) {
    return { table: 'keys', after: parseKey(after, field) };
  }
  if (typeof input === 'string' && input.startsWith('r') && isRequestId(after)) {
    return { table: 'requests', after };
  }
  throw badField(field, 'a position that an earlier part of the snapshot gave', input);
}
