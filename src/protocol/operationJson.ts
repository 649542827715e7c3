import type { Operation } from '../core/update.js';
import { KvcError } from '../errors.js';
import type { BatchWriteJson } from './api.js';
import { asArray, asObject, badField } from './fields.js';
import { parseKey } from './keys.js';
import { limits } from './limits.js';
import { decodeValue, encodeValue } from './valueJson.js';

export function encodeOperation(operation: Operation): BatchWriteJson {
  const { key } = operation;
  return operation.kind === 'delete' ? { key, delete: true } : { key, ...encodeValue(operation.value) };
}

/**
 * The operations of one update: at least one, within the limits of an atomic batch.
 * @throws KvcError KVC_E_MESSAGE_TOO_LARGE beyond `batchOperationsMax` or `batchBytesMax`, or the error of an operation
 */
export function parseOperations(input: unknown, field: string): Operation[] {
  const items = asArray(input, field);
  if (items.length === 0) throw badField(field, 'an array of at least one write', input);
  requireAtMost(items.length, limits.batchOperationsMax, field, 'writes');
  const operations: Operation[] = [];
  let bytes = 0;
  for (const [index, item] of items.entries()) {
    const operation = parseOperation(item, `${field}[${index}]`);
    operations.push(operation);
    bytes += Buffer.byteLength(operation.key) + (operation.kind === 'put' ? operation.value.length : 0);
    requireAtMost(bytes, limits.batchBytesMax, field, 'bytes of keys and values');
  }
  return operations;
}

/** `{key, value}`, `{key, value, encoding}` or `{key, delete: true}`. */
function parseOperation(input: unknown, field: string): Operation {
  const fields = asObject(input, field, ['key', 'value', 'encoding', 'delete']);
  const key = parseKey(fields.key, `${field}.key`);
  if (fields.delete === undefined) {
    return { kind: 'put', key, value: decodeValue(fields, `${field}.value`) };
  }
  if (fields.delete !== true) throw badField(`${field}.delete`, 'true or absent', fields.delete);
  if (fields.value === undefined && fields.encoding === undefined) return { kind: 'delete', key };
  throw new KvcError('KVC_E_BAD_REQUEST', `${field} has both a value and delete; it may have one of them`, {
    field,
  });
}

function requireAtMost(count: number, limit: number, field: string, what: string): void {
  if (count <= limit) return;
  throw new KvcError(
    'KVC_E_MESSAGE_TOO_LARGE',
    `${field} has at least ${count} ${what}; at most ${limit} are allowed in one atomic batch`,
    { field, limit },
  );
}
