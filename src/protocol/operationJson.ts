import { timestampMax } from '../core/clock/hybridClock.js';
import { payloadOf, type Operation } from '../core/update.js';
import { KvcError } from '../errors.js';
import { parseDot, encodeDot } from './clockJson.js';
import type { ClientOperation } from './clientOperation.js';
import { asArray, asInteger, asObject, badField } from './fields.js';
import { parseKey } from './keys.js';
import { limits } from './limits.js';
import type { UpdateOperationJson } from './replicationApi.js';
import { decodeValue, encodeValue } from './valueJson.js';

/** An operation of an update, or of a client's request, which may have `ttl_ms`. */
export function encodeOperation(
  operation: Operation | ClientOperation,
): UpdateOperationJson & { ttl_ms?: number } {
  const { key } = operation;
  switch (operation.kind) {
    case 'put':
      return { key, ...encodeValue(operation.value), ...lifetimeFields(operation) };
    case 'delete':
      return { key, delete: true };
    case 'increment':
      return { key, increment: operation.amount };
    case 'add':
    case 'remove': {
      const { value, encoding } = encodeValue(operation.member);
      const member = operation.kind === 'add' ? { add: value } : { remove: value };
      return { key, ...member, ...(encoding === undefined ? {} : { encoding }) };
    }
    case 'expire':
      return { key, expire: encodeDot(operation.dot) };
  }
}

/**
 * The operations of one update: at least one, within the limits of an atomic batch.
 * @throws KvcError KVC_E_MESSAGE_TOO_LARGE beyond `batchOperationsMax` or `batchBytesMax`, or the error of an operation
 */
export function parseOperations(input: unknown, field: string): Operation[] {
  return parseAll(input, field, parseOperation);
}

/** The operations of one request of a client, within the same limits. */
export function parseClientOperations(input: unknown, field: string): ClientOperation[] {
  return parseAll(input, field, parseClientOperation);
}

/** The field `ttl_ms`: after how many ms a value expires. */
export function parseTtlMs(input: unknown, field: string): { ttlMs?: number } {
  return input === undefined ? {} : { ttlMs: asInteger(input, field, 1, limits.ttlMsMax) };
}

function parseAll<Parsed extends Operation | ClientOperation>(
  input: unknown,
  field: string,
  parse: (item: unknown, field: string) => Parsed,
): Parsed[] {
  const items = asArray(input, field);
  if (items.length === 0) throw badField(field, 'an array of at least one write', input);
  requireAtMost(items.length, limits.batchOperationsMax, field, 'writes');
  const operations: Parsed[] = [];
  let bytes = 0;
  for (const [index, item] of items.entries()) {
    const operation = parse(item, `${field}[${index}]`);
    operations.push(operation);
    bytes += Buffer.byteLength(operation.key) + bytesOf(operation);
    requireAtMost(bytes, limits.batchBytesMax, field, 'bytes of keys and values');
  }
  return operations;
}

const changeNames = ['delete', 'increment', 'add', 'remove'] as const;

function parseClientOperation(input: unknown, field: string): ClientOperation {
  const fields = asObject(input, field, ['key', 'value', 'encoding', 'ttl_ms', ...changeNames]);
  const key = parseKey(fields.key, `${field}.key`);
  const change = changeOf(fields, field, changeNames);
  if (change !== undefined) return parseChange(key, change, fields, field);
  return {
    kind: 'put',
    key,
    value: decodeValue(fields, `${field}.value`),
    ...parseTtlMs(fields.ttl_ms, `${field}.ttl_ms`),
  };
}

function parseOperation(input: unknown, field: string): Operation {
  const names = [...changeNames, 'expire'] as const;
  const fields = asObject(input, field, ['key', 'value', 'encoding', 'expires_at_ms', ...names]);
  const key = parseKey(fields.key, `${field}.key`);
  const change = changeOf(fields, field, names);
  if (change === 'expire') return { kind: 'expire', key, dot: parseDot(fields.expire, `${field}.expire`) };
  if (change !== undefined) return parseChange(key, change, fields, field);
  const value = decodeValue(fields, `${field}.value`);
  if (fields.expires_at_ms === undefined) return { kind: 'put', key, value };
  const expiresMs = asInteger(fields.expires_at_ms, `${field}.expires_at_ms`, 1, timestampMax);
  return { kind: 'put', key, value, expiresMs };
}

/** The one field that says what is done to the key, if it is not a value that is written. */
function changeOf<Name extends string>(
  fields: Readonly<Record<string, unknown>>,
  field: string,
  names: readonly Name[],
): Name | undefined {
  const given = names.filter((name) => fields[name] !== undefined);
  const [first] = given;
  if (first === undefined) return undefined;
  const others = [
    ...given.slice(1),
    ...['value', 'ttl_ms', 'expires_at_ms'].filter((name) => fields[name] !== undefined),
  ];
  if (fields.encoding !== undefined && first !== 'add' && first !== 'remove') others.push('encoding');
  if (others.length === 0) return first;
  throw new KvcError(
    'KVC_E_BAD_REQUEST',
    `${field} has both ${others.join(', ')} and ${first}; it may have one of them`,
    { field },
  );
}

function parseChange(
  key: string,
  change: (typeof changeNames)[number],
  fields: Readonly<Record<string, unknown>>,
  field: string,
): Exclude<Operation, { kind: 'put' | 'expire' }> {
  const path = `${field}.${change}`;
  const given = fields[change];
  switch (change) {
    case 'delete':
      if (given !== true) throw badField(path, 'true or absent', given);
      return { kind: 'delete', key };
    case 'increment': {
      const amount = asInteger(given, path, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      if (amount === 0) throw badField(path, 'an integer other than 0', given);
      return { kind: 'increment', key, amount };
    }
    case 'add':
    case 'remove':
      return { kind: change, key, member: parseMember(given, fields.encoding, path) };
  }
}

function parseMember(text: unknown, encoding: unknown, field: string): Uint8Array {
  const member = decodeValue({ value: text, encoding }, field);
  if (member.length <= limits.memberBytesMax) return member;
  const message = `${field} is ${member.length} bytes long; at most ${limits.memberBytesMax} are allowed for a member`;
  throw new KvcError('KVC_E_VALUE_TOO_LARGE', message, { field, limit: limits.memberBytesMax });
}

function lifetimeFields(put: { readonly ttlMs?: number; readonly expiresMs?: number }) {
  return {
    ...(put.ttlMs === undefined ? {} : { ttl_ms: put.ttlMs }),
    ...(put.expiresMs === undefined ? {} : { expires_at_ms: put.expiresMs }),
  };
}

function bytesOf(operation: Operation | ClientOperation): number {
  return payloadOf(operation).length;
}

function requireAtMost(count: number, limit: number, field: string, what: string): void {
  if (count <= limit) return;
  throw new KvcError(
    'KVC_E_MESSAGE_TOO_LARGE',
    `${field} has at least ${count} ${what}; at most ${limit} are allowed in one atomic batch`,
    { field, limit },
  );
}
