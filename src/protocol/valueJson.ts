import { isUtf8 } from 'node:buffer';
import type { Content } from '../core/contents.js';
import { KvcError } from '../errors.js';
import type { ContentJson, ValueJson, VersionJson } from './api.js';
import { encodeDot } from './clockJson.js';
import { badField } from './fields.js';
import { limits } from './limits.js';

const utf8 = new TextEncoder();

/** The bytes as text where they are UTF-8, exactly; else as base64. `decodeValue` gives the same bytes back. */
export function encodeValue(bytes: Uint8Array): ValueJson {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return { value: buffer.toString('utf8') };
  return { value: buffer.toString('base64'), encoding: 'base64' };
}

/** What clients see of a version: a tombstone has value null. */
export function encodeContent(content: Content): VersionJson {
  return { ...contentFields(content), dot: encodeDot(content.dot) };
}

/** The same without its dot. */
export function contentFields(content: Content): ContentJson {
  if (content.type === 'counter') return { value: String(content.count), type: 'counter' };
  if (content.type === 'set') return setFields(content.members.map(encodeValue));
  const { value, expiresMs } = content;
  if (value === null) return { value };
  return expiresMs === undefined ? encodeValue(value) : { ...encodeValue(value), expires_at_ms: expiresMs };
}

function setFields(members: readonly ValueJson[]): ContentJson {
  return { value: JSON.stringify(members.map(({ value }) => value)), type: 'set', members };
}

/**
 * The bytes of a value, in memory of their own: values are kept long, and must not keep a shared buffer with them.
 * @param field - the path of the value, for messages
 * @throws KvcError KVC_E_BAD_REQUEST, or KVC_E_VALUE_TOO_LARGE beyond `valueBytesMax`
 */
export function decodeValue(
  input: { readonly value?: unknown; readonly encoding?: unknown },
  field = 'value',
): Uint8Array {
  const { value, encoding } = input;
  if (typeof value !== 'string') throw badField(field, 'text', value);
  if (encoding === undefined) return decodeText(value, field);
  if (encoding !== 'base64') throw badField(`the encoding of ${field}`, '"base64" or absent', encoding);
  return decodeBase64(value, field);
}

/** @throws KvcError KVC_E_VALUE_TOO_LARGE */
export function requireValueSize(bytes: number, field: string): void {
  if (bytes <= limits.valueBytesMax) return;
  throw new KvcError(
    'KVC_E_VALUE_TOO_LARGE',
    `${field} is ${bytes} bytes long; at most ${limits.valueBytesMax} are allowed`,
    { field, bytes, limit: limits.valueBytesMax },
  );
}

function decodeText(text: string, field: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new KvcError(
      'KVC_E_BAD_REQUEST',
      `${field} is not well-formed text: it contains half of a surrogate pair; send bytes as base64`,
      { field },
    );
  }
  requireValueSize(Buffer.byteLength(text), field);
  return utf8.encode(text);
}

function decodeBase64(text: string, field: string): Uint8Array {
  requireValueSize(Buffer.byteLength(text, 'base64'), field);
  const buffer = Buffer.from(text, 'base64');
  // Node decodes leniently; only the one canonical text of the bytes encodes back to itself.
  if (buffer.toString('base64') !== text) throw badField(field, 'base64 with padding', text);
  return new Uint8Array(buffer);
}
