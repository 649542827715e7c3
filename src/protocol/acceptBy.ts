import { badField } from './fields.js';

/**
 * The header by which a client makes sure that a request which it gives up is not taken up later: ms since 1970, by the
 * node's clock. A node that gets to the request after that refuses it (KVC_E_TOO_LATE); else it says by an informational answer
 * (102) that it takes it up, before it does. So where the time has passed and no such answer has come, nothing has happened,
 * although no answer at all has come: the node was dead, stood still or could not be reached. The client may then ask another
 * one without making the same write twice. GET /healthz takes the header, too, for a client to see that 102 comes through.
 */
export const acceptByHeader = 'kvc-accept-by';

/** @throws KvcError KVC_E_BAD_REQUEST */
export function parseAcceptBy(text: string): number {
  const ms = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(ms)) return ms;
  throw badField(acceptByHeader, 'ms since 1970', text);
}
