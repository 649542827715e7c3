import { KvcError, messageOf } from '../errors.js';
import type { ServedProcess } from './servedProcess.js';

/**
 * What is told of a failure. One that is no KvcError is a defect, and is logged.
 * @param what - was asked for, for the log
 */
export function failureOf(error: unknown, served: ServedProcess, what: string): KvcError {
  if (error instanceof KvcError) {
    // At its next start the node mends its store, or says that it cannot.
    if (error.code === 'KVC_E_STORE_CORRUPT') served.life.running?.driver.fail(error);
    return error;
  }
  served.report('error', 'a request failed by a defect', {
    request: what,
    error: error instanceof Error ? error.stack : String(error),
  });
  return new KvcError('KVC_E_INTERNAL', `a defect in kvc: ${messageOf(error)}`);
}
