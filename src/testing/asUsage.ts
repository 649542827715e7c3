import { KvcError, messageOf } from '../errors.js';

/** What is wrong with a test's call, as KVC_E_USAGE. */
export function asUsage(error: unknown): KvcError {
  return new KvcError('KVC_E_USAGE', messageOf(error), {}, { cause: error });
}
