import { isUtf8 } from 'node:buffer';
import type { Condition } from '../core/condition.js';
import { KvcError } from '../errors.js';
import { badField } from './fields.js';
import { parseKey, requireKeyText } from './keys.js';
import { limits } from './limits.js';
import { parseToken } from './sessionToken.js';

export interface KeysQuery {
  readonly prefix: string;
  readonly limit: number;
  /** The last key of the page before: an exclusive lower bound. */
  readonly after?: string;
}

/**
 * The query of GET /keys: `prefix` (default: every key), `limit` (default `listLimitDefault`), `cursor`.
 * @throws KvcError KVC_E_BAD_REQUEST or KVC_E_KEY_INVALID
 */
export function parseKeysQuery(query: URLSearchParams): KeysQuery {
  const prefix = query.get('prefix') ?? '';
  requireKeyText(prefix, 'prefix');
  const limit = parseCount(query.get('limit'), 'limit', 1, limits.listLimitMax) ?? limits.listLimitDefault;
  const cursor = query.get('cursor');
  return cursor === null ? { prefix, limit } : { prefix, limit, after: keyOfCursor(cursor) };
}

/** The cursor that continues a listing behind `key`. Opaque to clients. */
export function keysCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/**
 * The query parameter `timeout_ms`: how long the request may wait for what its session has seen.
 * @param text - null if it is absent, which means `timeoutMsDefault`
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function parseTimeoutMs(text: string | null): number {
  return parseCount(text, 'timeout_ms', 0, limits.timeoutMsMax) ?? limits.timeoutMsDefault;
}

/**
 * The query parameter `replicas`: at how many nodes a write must be durable before it is answered.
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function parseReplicas(text: string | null): number | undefined {
  return parseCount(text, 'replicas', 1, limits.nodesMax);
}

/**
 * The query parameter `ttl_ms`: after how many ms a value expires.
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function parseTtlQuery(text: string | null): number | undefined {
  return parseCount(text, 'ttl_ms', 1, limits.ttlMsMax);
}

/**
 * The query parameters `if_absent` (`true`) and `if_context` (a session token): what must hold for a write to be done.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_TOKEN_INVALID or KVC_E_TOKEN_FOREIGN
 */
export function parseCondition(
  ifAbsent: string | null,
  ifContext: string | null,
  clusterId: string,
): Condition | undefined {
  if (ifAbsent !== null && ifContext !== null) {
    throw new KvcError('KVC_E_BAD_REQUEST', 'if_absent and if_context are both given; it may be one of them');
  }
  if (ifContext !== null) return { kind: 'seen', context: parseToken(ifContext, clusterId) };
  if (ifAbsent === null || ifAbsent === 'false') return undefined;
  if (ifAbsent !== 'true') throw badField('if_absent', 'true or false', ifAbsent);
  return { kind: 'absent' };
}

/**
 * A parameter that the route does not have, or has twice, is refused: the caller would believe that it acts.
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function refuseUnknownParameters(query: URLSearchParams, allowed: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of query.keys()) {
    if (!allowed.includes(name)) {
      const known = allowed.length === 0 ? 'it takes none' : `it takes ${allowed.join(', ')}`;
      throw new KvcError(
        'KVC_E_BAD_REQUEST',
        `the route has no query parameter ${JSON.stringify(name)}; ${known}`,
      );
    }
    if (seen.has(name)) {
      throw new KvcError('KVC_E_BAD_REQUEST', `the query parameter ${name} is given more than once`);
    }
    seen.add(name);
  }
}

function parseCount(text: string | null, field: string, min: number, max: number): number | undefined {
  if (text === null) return undefined;
  const count = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  if (count >= min && count <= max) return count;
  throw badField(field, `an integer from ${min} to ${max}`, text);
}

function keyOfCursor(cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.toString('base64url') !== cursor || !isUtf8(bytes)) {
    throw badField('cursor', 'the cursor of an earlier answer', cursor);
  }
  return parseKey(bytes.toString('utf8'), 'the key in cursor');
}
