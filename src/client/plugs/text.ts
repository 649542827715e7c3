import { KvcError } from '../../errors.js';

const encoder = new TextEncoder();
/** Exactly: a byte order mark is part of the text. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text as it is stored.
 * @throws KvcError KVC_E_CODEC for what is no text, or no well-formed one
 */
export function bytesOfText(text: unknown): Uint8Array {
  if (typeof text !== 'string') throw new KvcError('KVC_E_CODEC', `a value must be text, not ${typeof text}`);
  if (!text.isWellFormed()) throw new KvcError('KVC_E_CODEC', 'the value contains half of a surrogate pair');
  return encoder.encode(text);
}

/**
 * What is stored, as text.
 * @throws KvcError KVC_E_CODEC for bytes that are none
 */
export function textOfBytes(key: string, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new KvcError('KVC_E_CODEC', `what ${JSON.stringify(key)} holds is no text`, { key }, { cause });
  }
}
