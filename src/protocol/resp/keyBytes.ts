import { isUtf8 } from 'node:buffer';
import { parseKey } from '../keys.js';

/*
 * Keys are text; those of the Redis protocol are any bytes. Bytes that are no UTF-8 are named by text that says them in hex,
 * behind a mark. Text that begins with the mark is named so, too, so that different bytes are different keys.
 */

const mark = '\u0000hex:';
const markBytes = Buffer.from(mark);
const hexForm = /^([0-9a-f]{2})+$/;

/** @throws KvcError KVC_E_KEY_INVALID: empty, or too long */
export function keyOfBytes(bytes: Buffer): string {
  if (!isUtf8(bytes) || startsWithMark(bytes)) return parseKey(mark + bytes.toString('hex'));
  return parseKey(bytes.toString('utf8'));
}

export function bytesOfKey(key: string): Buffer {
  const hex = key.startsWith(mark) ? key.slice(mark.length) : '';
  return hexForm.test(hex) ? Buffer.from(hex, 'hex') : Buffer.from(key);
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.subarray(0, markBytes.length).equals(markBytes);
}
