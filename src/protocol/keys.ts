import { KvcError } from '../errors.js';
import { describeReceived } from './fields.js';
import { limits } from './limits.js';

/**
 * A key: text that is not empty, has a UTF-8 form, and is at most `keyBytesMax` bytes long in it.
 * @throws KvcError KVC_E_KEY_INVALID
 */
export function parseKey(input: unknown, field = 'key'): string {
  if (typeof input !== 'string' || input === '') {
    throw invalid(field, `must be text that is not empty, received ${describeReceived(input)}`);
  }
  requireKeyText(input, field);
  return input;
}

/** What keys and the beginnings of keys have in common. */
export function requireKeyText(text: unknown, field: string): asserts text is string {
  if (typeof text !== 'string') throw invalid(field, `must be text, received ${describeReceived(text)}`);
  if (!text.isWellFormed()) {
    throw invalid(field, 'is not well-formed text: it contains half of a surrogate pair');
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.keyBytesMax) {
    throw invalid(field, `is ${bytes} bytes long in UTF-8; at most ${limits.keyBytesMax} are allowed`);
  }
}

function invalid(field: string, problem: string): KvcError {
  return new KvcError('KVC_E_KEY_INVALID', `${field} ${problem}`, { field });
}
