import { timestampMax } from '../../core/clock/hybridClock.js';
import type { Operation } from '../../core/update.js';
import { KvcError } from '../../errors.js';
import { limits } from '../limits.js';
import type { ByteReader } from './byteReader.js';
import type { ByteWriter } from './byteWriter.js';
import type { NamesRead, NamesWritten } from './replicaNames.js';
import { unreadable } from './unreadable.js';

/** What an operation is, by its first byte. */
const put = 0;
const putExpiring = 1;
const deletion = 2;
const increment = 3;
const decrement = 4;
const add = 5;
const remove = 6;
const expire = 7;

export function writeOperation(writer: ByteWriter, names: NamesWritten, operation: Operation): void {
  switch (operation.kind) {
    case 'put':
      head(writer, operation.expiresMs === undefined ? put : putExpiring, operation.key);
      writer.bytes(operation.value);
      if (operation.expiresMs !== undefined) writer.number(operation.expiresMs);
      return;
    case 'delete':
      return head(writer, deletion, operation.key);
    case 'increment':
      head(writer, operation.amount < 0 ? decrement : increment, operation.key);
      return writer.number(Math.abs(operation.amount));
    case 'add':
    case 'remove':
      head(writer, operation.kind === 'add' ? add : remove, operation.key);
      return writer.bytes(operation.member);
    case 'expire':
      head(writer, expire, operation.key);
      names.write(writer, operation.dot.replica);
      return writer.number(operation.dot.counter);
  }
}

function head(writer: ByteWriter, letter: number, key: string): void {
  writer.byte(letter);
  writer.text(key);
}

/**
 * Reads what `writeOperation` wrote. The operation shares no memory with what it was read from.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID
 */
export function readOperation(reader: ByteReader, names: NamesRead): Operation {
  const letter = reader.byte();
  const key = readKey(reader);
  switch (letter) {
    case put:
      return { kind: 'put', key, value: readValue(reader) };
    case putExpiring:
      return { kind: 'put', key, value: readValue(reader), expiresMs: positive(reader, timestampMax) };
    case deletion:
      return { kind: 'delete', key };
    case increment:
      return { kind: 'increment', key, amount: positive(reader) };
    case decrement:
      return { kind: 'increment', key, amount: -positive(reader) };
    case add:
      return { kind: 'add', key, member: reader.bytes(limits.memberBytesMax, 'a member') };
    case remove:
      return { kind: 'remove', key, member: reader.bytes(limits.memberBytesMax, 'a member') };
    case expire:
      return { kind: 'expire', key, dot: { replica: names.read(reader), counter: positive(reader) } };
  }
  throw unreadable('an operation is of no known kind');
}

/** @throws KvcError KVC_E_BAD_REQUEST for 0, and beyond `max` */
export function positive(reader: ByteReader, max = Number.MAX_SAFE_INTEGER): number {
  const value = reader.number();
  if (value < 1 || value > max) throw unreadable(`a number is not from 1 to ${max}`);
  return value;
}

function readKey(reader: ByteReader): string {
  const key = reader.text(limits.keyBytesMax, 'a key');
  if (key === '') throw new KvcError('KVC_E_KEY_INVALID', 'a key of an update is empty');
  return key;
}

function readValue(reader: ByteReader): Uint8Array {
  return reader.bytes(limits.valueBytesMax, 'a value');
}
