import { timestampMax } from '../../core/clock/hybridClock.js';
import { contentBytes, type Operation, type Update } from '../../core/update.js';
import { parseJson } from '../json.js';
import { limits } from '../limits.js';
import { parseMemberChanges } from '../memberJson.js';
import { parseRequestOfUpdate } from '../requestId.js';
import type { ByteReader } from './byteReader.js';
import type { ByteWriter } from './byteWriter.js';
import type { DependencyBases } from './dependencyBases.js';
import { positive, readOperation, writeOperation } from './operations.js';
import type { NamesRead, NamesWritten } from './replicaNames.js';
import { unreadable } from './unreadable.js';
import { readChanges, writeChanges } from './vectorChanges.js';

/** What an update has besides what all have. */
const hasRequest = 1;
const hasMemberChanges = 2;

const requestBytesMax = 128;
const memberChangesBytesMax = 64 * 1024;

/**
 * One update on a link: which of the two it has, origin, counter, timestamp, dependencies as they differ from those of the origin's
 * update before it on this connection, operations, and then the request id and the changes of members, these as JSON.
 */
export function writeUpdate(
  writer: ByteWriter,
  names: NamesWritten,
  bases: DependencyBases,
  update: Update,
): void {
  const { dot, dependencies, timestamp, operations, request, memberChanges } = update;
  writer.byte(
    (request === undefined ? 0 : hasRequest) | (memberChanges === undefined ? 0 : hasMemberChanges),
  );
  names.write(writer, dot.replica);
  writer.number(dot.counter);
  writer.number(timestamp);
  writeChanges(writer, names, bases.of(dot.replica), dependencies);
  bases.set(dot.replica, dependencies);
  writer.number(operations.length);
  for (const operation of operations) writeOperation(writer, names, operation);
  if (request !== undefined) writer.text(request);
  if (memberChanges !== undefined) writer.text(JSON.stringify(memberChanges));
}

/**
 * Reads what `writeUpdate` wrote. The update shares no memory with what it was read from.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID, KVC_E_MESSAGE_TOO_LARGE
 */
export function readUpdate(reader: ByteReader, names: NamesRead, bases: DependencyBases): Update {
  const has = reader.byte();
  if (has > (hasRequest | hasMemberChanges)) throw unreadable('an update has more than is known here');
  const replica = names.read(reader);
  const counter = positive(reader);
  const timestamp = positive(reader, timestampMax);
  const dependencies = readChanges(reader, names, bases.of(replica));
  if (dependencies.has(replica)) throw unreadable('an update depends on its own replica');
  bases.set(replica, dependencies);
  const operations = readOperations(reader, names, (has & hasMemberChanges) !== 0);
  const update = { dot: { replica, counter }, dependencies, timestamp, operations };
  return has === 0 ? update : { ...update, ...readRest(reader, has) };
}

function readRest(reader: ByteReader, has: number): Pick<Update, 'request' | 'memberChanges'> {
  const request =
    (has & hasRequest) === 0
      ? undefined
      : parseRequestOfUpdate(reader.text(requestBytesMax, 'a request id'), 'the request id of an update');
  if ((has & hasMemberChanges) === 0) return request === undefined ? {} : { request };
  const text = reader.text(memberChangesBytesMax, 'changes of members');
  const memberChanges = parseMemberChanges(parseJson(text, 'an update'), 'the members of an update');
  if (memberChanges.length === 0) throw unreadable('an update changes no members');
  return { ...(request === undefined ? {} : { request }), memberChanges };
}

function readOperations(reader: ByteReader, names: NamesRead, mayBeNone: boolean): Operation[] {
  const count = reader.count(limits.batchOperationsMax, 'operations of one update');
  if (count === 0 && !mayBeNone) throw unreadable('an update has no operations');
  // Most updates: a list that begins empty is made with room for many.
  if (count === 1) return [readOperation(reader, names)];
  const operations: Operation[] = [];
  for (let index = 0; index < count; index += 1) operations.push(readOperation(reader, names));
  if (count > 1 && contentBytes(operations) > limits.batchBytesMax) {
    throw unreadable(`an update has more than ${limits.batchBytesMax} bytes of keys and values`);
  }
  return operations;
}
