import { KvcError } from '../errors.js';

/** What every send gets that a transport's `close` overtakes or precedes. */
export function closedError(): KvcError {
  return new KvcError('KVC_E_CLOSED', 'the transport is closed');
}
