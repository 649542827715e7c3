import { Packr } from 'msgpackr';
import type { ReplicaId } from '../core/ids.js';
import { sortedEntries, type VersionVector } from '../core/clock/versionVector.js';
import type { MemberChange, Operation, RequestId, Update } from '../core/update.js';
import { KvcError } from '../errors.js';
import { limits } from './limits.js';
import { isAddress } from './memberJson.js';
import { isReplicaId } from './names.js';
import { MessagePackWriter } from './messagePackWriter.js';
import { operationContent, operationOf } from './operationContent.js';
import { isRequestId } from './requestId.js';

/** The formats that are read; the last is written. In the first there were only values and deletions. */
const formats = [2, 3];
const format = 3;
const packr = new Packr({ useRecords: false, mapsAsObjects: false });
const writer = new MessagePackWriter();

/**
 * One update as it is logged: a MessagePack array [format, replica, counter, timestamp, [replica, counter, ...] of the
 * dependencies, [key, content, ...] of the operations
 * (operationContent.ts), request id or nil, [kind, replica, detail, ...] of the changes of
 * membership]. Canonical: equal updates give equal bytes, in whatever order
 * their dependencies were collected.
 */
export function encodeUpdateRecord(update: Update): Uint8Array {
  const { dot, timestamp, dependencies, operations } = update;
  writer.array(8);
  writer.integer(format);
  writer.text(dot.replica);
  writer.integer(dot.counter);
  writer.integer(timestamp);
  writeVector(dependencies);
  writer.array(operations.length * 2);
  for (const operation of operations) {
    writer.text(operation.key);
    writer.field(operationContent(operation));
  }
  writer.field(update.request ?? null);
  writer.field(update.memberChanges?.flatMap(changeFields) ?? []);
  return writer.take();
}

/** As `vectorFields` has it. */
function writeVector(vector: VersionVector): void {
  writer.array(vector.size * 2);
  if (vector.size === 0) return;
  for (const [replica, counter] of sortedEntries(vector)) {
    writer.text(replica);
    writer.integer(counter);
  }
}

function changeFields(change: MemberChange): (string | number)[] {
  switch (change.kind) {
    case 'join':
      return [change.kind, change.replica, change.address];
    case 'leave':
      return [change.kind, change.replica, ''];
    case 'close':
      return [change.kind, change.replica, change.counter];
  }
}

/**
 * Reads what `encodeUpdateRecord` wrote. The update shares no memory with `bytes`.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN for a record of another version, KVC_E_LOG_CORRUPT for anything else that is not
 * an update within the limits.
 */
export function decodeUpdateRecord(bytes: Uint8Array): Update {
  const fields = unpack(bytes);
  if (!Array.isArray(fields)) throw corrupt('it is no array');
  if (!formats.includes(fields[0] as number)) throw unknownFormat(fields[0]);
  if (fields.length !== 8) throw corrupt(`it has ${fields.length} fields instead of 8`);
  const [, replica, counter, timestamp, dependencies, operations, request, changes] = fields as unknown[];
  const dot = { replica: replicaId(replica), counter: positive(counter, 'counter') };
  const memberChanges = changesOf(changes);
  return {
    dot,
    dependencies: dependenciesOf(dependencies, dot.replica),
    timestamp: positive(timestamp, 'timestamp'),
    operations: operationsOf(operations, memberChanges.length > 0),
    ...(request === null ? {} : { request: requestOf(request) }),
    ...(memberChanges.length === 0 ? {} : { memberChanges }),
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

function requestOf(input: unknown): RequestId {
  if (isRequestId(input)) return input;
  throw corrupt('its request id is malformed');
}

function changesOf(input: unknown): MemberChange[] {
  if (!Array.isArray(input) || input.length % 3 !== 0 || input.length > limits.memberChangesMax * 3) {
    throw corrupt('its changes of membership are no list of triples');
  }
  const changes: MemberChange[] = [];
  for (let index = 0; index < input.length; index += 3) {
    changes.push(changeOf(input[index], replicaId(input[index + 1]), input[index + 2]));
  }
  return changes;
}

function changeOf(kind: unknown, replica: ReplicaId, detail: unknown): MemberChange {
  if (kind === 'join' && isAddress(detail)) return { kind, replica, address: detail };
  if (kind === 'leave') return { kind, replica };
  if (kind === 'close' && detail === 0) return { kind, replica, counter: 0 };
  if (kind === 'close') return { kind, replica, counter: positive(detail, 'counter') };
  throw corrupt('a change of membership is malformed');
}

function operationsOf(input: unknown, mayBeEmpty: boolean): Operation[] {
  const flat = pairs(input, 'operations', limits.batchOperationsMax);
  if (flat.length === 0 && !mayBeEmpty) throw corrupt('it has no operations');
  const operations: Operation[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    operations.push(operationOf(keyOf(flat[index]), flat[index + 1], corrupt));
  }
  return operations;
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

function replicaId(input: unknown): ReplicaId {
  if (!isReplicaId(input)) throw corrupt('a replica id is malformed');
  return input;
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
