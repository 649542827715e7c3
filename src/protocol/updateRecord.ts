import { Packr } from 'msgpackr';
import type { ReplicaId } from '../core/ids.js';
import { sortedEntries, type VersionVector } from '../core/clock/versionVector.js';
import type { Operation, Update } from '../core/update.js';
import { KvcError } from '../errors.js';
import { limits } from './limits.js';

const format = 1;
const packr = new Packr({ useRecords: false, mapsAsObjects: false });

/**
 * One update as it is logged: a MessagePack array [format, replica, counter, timestamp, [replica, counter, ...] of the
 * dependencies, [key, value or nil, ...] of the operations]. Canonical: equal updates give equal bytes, in whatever order
 * their dependencies were collected.
 */
export function encodeUpdateRecord(update: Update): Uint8Array {
  const operations: (string | Uint8Array | null)[] = [];
  for (const operation of update.operations) {
    operations.push(operation.key, operation.kind === 'put' ? operation.value : null);
  }
  const dependencies = sortedEntries(update.dependencies).flat();
  const { replica, counter } = update.dot;
  return packr.pack([format, replica, counter, update.timestamp, dependencies, operations]);
}

/**
 * Reads what `encodeUpdateRecord` wrote. The update shares no memory with `bytes`.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN for a record of another version, KVC_E_LOG_CORRUPT for anything else that is not
 * an update within the limits.
 */
export function decodeUpdateRecord(bytes: Uint8Array): Update {
  const fields = unpack(bytes);
  if (!Array.isArray(fields)) throw corrupt('it is no array');
  if (fields[0] !== format) throw unknownFormat(fields[0]);
  if (fields.length !== 6) throw corrupt(`it has ${fields.length} fields instead of 6`);
  const [, replica, counter, timestamp, dependencies, operations] = fields as unknown[];
  const dot = { replica: replicaId(replica), counter: positive(counter, 'counter') };
  return {
    dot,
    dependencies: dependenciesOf(dependencies, dot.replica),
    timestamp: positive(timestamp, 'timestamp'),
    operations: operationsOf(operations),
  };
}

function unpack(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw corrupt('it is not MessagePack', cause);
  }
}

function dependenciesOf(input: unknown, origin: ReplicaId): VersionVector {
  const flat = pairs(input, 'dependencies', limits.vectorEntriesMax);
  const dependencies = new Map<ReplicaId, number>();
  let previous = '';
  for (let index = 0; index < flat.length; index += 2) {
    const replica = replicaId(flat[index]);
    if (replica === origin) throw corrupt('it depends on its own replica');
    if (replica <= previous) throw corrupt('its dependencies are not in order');
    dependencies.set(replica, positive(flat[index + 1], 'dependency'));
    previous = replica;
  }
  return dependencies;
}

function operationsOf(input: unknown): Operation[] {
  const flat = pairs(input, 'operations', limits.batchOperationsMax);
  if (flat.length === 0) throw corrupt('it has no operations');
  const operations: Operation[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    operations.push(operationOf(keyOf(flat[index]), flat[index + 1]));
  }
  return operations;
}

function operationOf(key: string, value: unknown): Operation {
  if (value === null) return { kind: 'delete', key };
  if (!(value instanceof Uint8Array)) throw corrupt('a value is not made of bytes');
  if (value.byteLength > limits.valueBytesMax) throw corrupt(`a value has ${value.byteLength} bytes`);
  return { kind: 'put', key, value: new Uint8Array(value) };
}

function keyOf(input: unknown): string {
  if (typeof input !== 'string' || input === '') throw corrupt('a key is no text');
  // No text has more UTF-8 bytes than three per code unit, so most keys need no count.
  const mayExceed = input.length * 3 > limits.keyBytesMax;
  if (mayExceed && Buffer.byteLength(input) > limits.keyBytesMax) throw corrupt('a key is too long');
  return input;
}

function pairs(input: unknown, field: string, pairsMax: number): unknown[] {
  if (!Array.isArray(input) || input.length % 2 !== 0) throw corrupt(`its ${field} are no list of pairs`);
  if (input.length > pairsMax * 2) throw corrupt(`it has ${input.length / 2} ${field}`);
  return input;
}

const replicaPattern = /^[a-z][a-z0-9-]*$/;
const replicaCharactersMax = 64;

function replicaId(input: unknown): ReplicaId {
  const valid =
    typeof input === 'string' && input.length <= replicaCharactersMax && replicaPattern.test(input);
  if (!valid) throw corrupt('a replica id is malformed');
  return input as ReplicaId;
}

function positive(input: unknown, field: string): number {
  if (typeof input !== 'number' || !Number.isSafeInteger(input) || input < 1) {
    throw corrupt(`its ${field} is no integer from 1 up`);
  }
  return input;
}

function corrupt(why: string, cause?: unknown): KvcError {
  return new KvcError('KVC_E_LOG_CORRUPT', `an update record cannot be read: ${why}`, {}, { cause });
}

function unknownFormat(found: unknown): KvcError {
  return new KvcError(
    'KVC_E_FORMAT_UNKNOWN',
    `an update record has format ${String(found)}; this version of kvc reads format ${format}. Use the version that wrote it.`,
  );
}
