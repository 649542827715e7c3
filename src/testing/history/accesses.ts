import { createHash } from 'node:crypto';
import type { Read, Returned, Write } from '../../check/history.js';
import type { Dot, Entry, KeyVersion } from '../../client/library/entry.js';

/** From what a client of the library does and gets to what a history says. */

type Version = Pick<KeyVersion, 'value'> & { readonly dot: Dot | null };

/** Longer values are told apart by a checksum, so that a history stays small. */
const charactersMax = 120;
const shownCharacters = 60;

export function readOf(key: string, versions: readonly Version[]): Read {
  const returned = versions.map(({ value, dot }): Returned => {
    return { value: valueText(value), ...(dot === null ? {} : { wid: nameOf(dot) }) };
  });
  return { kind: 'read', key, returned: returned.length === 0 ? [{ value: null }] : returned };
}

export function readOfEntry({ key, value, dot, siblings }: Entry): Read {
  return readOf(key, [{ value, dot }, ...siblings]);
}

/** @param value - undefined: a delete */
export function writeOf(key: string, value: unknown): Write {
  return { kind: 'write', key, value: valueText(value) };
}

export function nameOf({ node, counter }: Dot): string {
  return `${node}:${counter}`;
}

/**
 * A value as it can be compared: the same for what is written and for what is read of it, although the way through JSON
 * makes text of a date, and leaves fields out that are undefined.
 */
export function valueText(value: unknown): string | null {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return shortened(`bytes ${Buffer.from(value).toString('base64')}`);
  return shortened(jsonText(value));
}

/** What no JSON can be made of the client refuses, unless it has a codec for it, and then this tells it apart. */
function jsonText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    const text: unknown = JSON.stringify(value);
    if (typeof text !== 'string') return String(value);
    const plain: unknown = JSON.parse(text);
    return typeof plain === 'string' ? plain : text;
  } catch {
    return String(value);
  }
}

function shortened(text: string): string {
  if (text.length <= charactersMax) return text;
  const sum = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${text.slice(0, shownCharacters)}… (${text.length} characters, ${sum})`;
}
