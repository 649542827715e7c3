import { KvcError, messageOf } from '../../errors.js';
import type { ContentJson, ValueJson } from '../../protocol/api.js';
import { encodeValue, requireValueSize } from '../../protocol/valueJson.js';
import type { Codec } from './codec.js';

const utf8 = new TextEncoder();

/**
 * A value as it is sent.
 * @throws KvcError KVC_E_CODEC or KVC_E_VALUE_TOO_LARGE
 */
export function valueJson(codec: Codec, value: unknown): ValueJson {
  const encoded = encode(codec, value);
  if (typeof encoded !== 'string') {
    requireValueSize(encoded.byteLength, 'the value');
    return encodeValue(encoded);
  }
  if (!encoded.isWellFormed()) throw notEncoded('it contains half of a surrogate pair');
  requireValueSize(Buffer.byteLength(encoded), 'the value');
  return { value: encoded };
}

/** The value of a version: a counter's number, a set's members, or what the codec makes of the bytes. */
export function valueOf(codec: Codec, content: ContentJson): unknown {
  if (content.type === 'counter') return Number(content.value);
  if (content.type === 'set') return (content.members ?? []).map(memberOf);
  if (content.value === null) return undefined;
  return decode(codec, bytesOf(content.value, content.encoding));
}

/** A member of a set: text where it is UTF-8. */
export function memberOf({ value, encoding }: ValueJson): string | Uint8Array {
  return encoding === undefined ? value : bytesOf(value, encoding);
}

/** @throws KvcError KVC_E_CODEC for anything but text and bytes */
export function memberJson(member: string | Uint8Array): ValueJson {
  if (typeof member === 'string' || member instanceof Uint8Array) return valueJson(asItIs, member);
  throw notEncoded(`a member of a set is text or bytes, not ${typeof member}`);
}

const asItIs: Codec = { encode: (value) => value as string, decode: (bytes) => bytes };

function bytesOf(value: string, encoding: 'base64' | undefined): Uint8Array {
  return encoding === undefined ? utf8.encode(value) : new Uint8Array(Buffer.from(value, 'base64'));
}

function encode(codec: Codec, value: unknown): Uint8Array | string {
  let encoded: unknown;
  try {
    encoded = codec.encode(value);
  } catch (error) {
    throw notEncoded(messageOf(error), error);
  }
  if (typeof encoded === 'string' || encoded instanceof Uint8Array) return encoded;
  throw notEncoded(`the codec gave ${typeof encoded} instead of bytes or text`);
}

function decode(codec: Codec, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    const message = `what is stored cannot be decoded: ${messageOf(cause)}`;
    throw new KvcError('KVC_E_CODEC', message, {}, { cause });
  }
}

function notEncoded(reason: string, cause?: unknown): KvcError {
  return new KvcError('KVC_E_CODEC', `the value cannot be encoded: ${reason}`, {}, { cause });
}
