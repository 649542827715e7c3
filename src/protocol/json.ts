import { isUtf8 } from 'node:buffer';
import { KvcError, messageOf } from '../errors.js';

/**
 * The value of a JSON text, still to be checked.
 * @param what - names the text in the message of a failure
 * @throws KvcError KVC_E_BAD_REQUEST if it is no JSON, or its bytes are not UTF-8
 */
export function parseJson(input: Uint8Array | string, what = 'the body'): unknown {
  const text = typeof input === 'string' ? input : decodeUtf8(input, what);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KvcError('KVC_E_BAD_REQUEST', `${what} is not JSON: ${messageOf(error)}`, {}, { cause: error });
  }
}

function decodeUtf8(bytes: Uint8Array, what: string): string {
  if (!isUtf8(bytes)) throw new KvcError('KVC_E_BAD_REQUEST', `${what} is not UTF-8 text`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
