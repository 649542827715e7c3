import { KvcError } from '../../errors.js';

/** The error for bytes of a link that mean nothing: what follows them cannot be understood either. */
export function unreadable(why: string): KvcError {
  return new KvcError('KVC_E_BAD_REQUEST', `a frame of the link cannot be read: ${why}`);
}
