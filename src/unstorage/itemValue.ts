import { bytesOfText, textOfBytes } from '../client/plugs/text.js';
import type { Entry } from '../client/library/entry.js';
import { KvcError } from '../errors.js';

/**
 * An item as unstorage reads it: text, of which it makes a value. A counter is a number, a set an array of its members.
 * @returns null where there is none
 * @throws KvcError KVC_E_CODEC for bytes that are no text: `getItemRaw` reads them
 */
export function itemOf({ key, value }: Entry): string | number | object | null {
  if (value === undefined) return null;
  return value instanceof Uint8Array ? textOfBytes(key, value) : value;
}

/**
 * The bytes of a raw item.
 * @throws KvcError KVC_E_CODEC for anything but bytes and text
 */
export function bytesOfRaw(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'string') return bytesOfText(value);
  throw new KvcError('KVC_E_CODEC', `a raw item is bytes or text, not ${typeof value}`);
}

/**
 * The option `ttl` of unstorage, in seconds, as ms.
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function ttlMsOfOptions(options: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const ttl = options?.['ttl'];
  if (ttl === undefined || ttl === null) return undefined;
  if (typeof ttl === 'number' && ttl > 0) return Math.ceil(ttl * 1000);
  throw new KvcError('KVC_E_BAD_REQUEST', 'ttl must be a number of seconds greater than 0', { field: 'ttl' });
}
