import type { KvcError } from '../errors.js';

/**
 * Whether what failed certainly did not happen. A connection that was refused has carried no request, whatever the code
 * says of nodes that do not answer.
 */
export function isDefinite(error: KvcError): boolean {
  return error.kind.definite || error.facts.reason === 'ECONNREFUSED';
}
