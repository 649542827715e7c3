import type { NodeName } from '../core/ids.js';
import { KvcError } from '../errors.js';
import type { ClientOperation } from './clientOperation.js';
import { asArray, asObject, badField } from './fields.js';
import { parseKey } from './keys.js';
import { limits } from './limits.js';
import { parseNodeName } from './names.js';
import { parseClientOperations, parseTtlMs } from './operationJson.js';
import { decodeValue } from './valueJson.js';

/**
 * The body of POST /write.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID or KVC_E_VALUE_TOO_LARGE
 */
export function parseWriteRequest(input: unknown): ClientOperation {
  const fields = asObject(input, 'body', ['key', 'value', 'encoding', 'ttl_ms']);
  const value = decodeValue(fields);
  return { kind: 'put', key: parseKey(fields.key), value, ...parseTtlMs(fields.ttl_ms, 'ttl_ms') };
}

/**
 * The body of POST /batch.
 * @throws KvcError KVC_E_MESSAGE_TOO_LARGE beyond `batchOperationsMax` or `batchBytesMax`, or the error of a write
 */
export function parseBatchRequest(input: unknown): ClientOperation[] {
  return parseClientOperations(asObject(input, 'body', ['writes']).writes, 'writes');
}

/**
 * The body of POST /members/remove: the node to remove.
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function parseRemoveMemberRequest(input: unknown): NodeName {
  return parseNodeName(asObject(input, 'body', ['node']).node, 'node');
}

/**
 * The body of POST /read: 1 to `readKeysMax` keys, in the order of the request; a key may be asked for twice.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID or KVC_E_MESSAGE_TOO_LARGE
 */
export function parseReadManyRequest(input: unknown): string[] {
  const keys = asArray(asObject(input, 'body', ['keys']).keys, 'keys');
  if (keys.length === 0) throw badField('keys', 'an array of at least one key', keys);
  if (keys.length > limits.readKeysMax) {
    throw new KvcError(
      'KVC_E_MESSAGE_TOO_LARGE',
      `keys has ${keys.length} keys; at most ${limits.readKeysMax} are allowed in one read`,
      { field: 'keys', limit: limits.readKeysMax },
    );
  }
  return keys.map((key, index) => parseKey(key, `keys[${index}]`));
}
