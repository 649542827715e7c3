import { KvcError } from '../errors.js';

/** The error for a call that must not be made now. */
export function misuse(message: string): KvcError {
  return new KvcError('KVC_E_INTERNAL', message);
}
