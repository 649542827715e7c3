import { isUtf8 } from 'node:buffer';
import { parseKey } from '../keys.js';

/*
 * Keys are text; those of the Redis protocol are any bytes. Bytes that are no UTF-8 are named by text that says them in hex,
 * behind a mark. Text that begins with the mark is named so, too, so that different bytes are different keys.
 */

const mark = '\u0000hex:';
const markBytes = Buffer.from(mark);
const hexForm = /^([0-9a-f]{2})+$/;

/** Keys so short that looking at each byte takes less time than a call out of JavaScript. */
const shortBytesMax = 64;

/** @throws KvcError KVC_E_KEY_INVALID: empty, or too long */
export function keyOfBytes(bytes: Buffer): string {
  if (isShortAndPlain(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes) || startsWithMark(bytes)) return parseKey(mark + bytes.toString('hex'));
  return parseKey(bytes.toString('utf8'));
}

export function bytesOfKey(key: string): Buffer {
  const hex = key.startsWith(mark) ? key.slice(mark.length) : '';
  return hexForm.test(hex) ? Buffer.from(hex, 'hex') : Buffer.from(key);
}

/** Most keys: characters of ASCII that can be seen. */
function isShortAndPlain(bytes: Buffer): boolean {
  const { length } = bytes;
  if (length === 0 || length > shortBytesMax) return false;
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.subarray(0, markBytes.length).equals(markBytes);
}
