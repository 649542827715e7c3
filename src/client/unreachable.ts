import { KvcError, messageOf } from '../errors.js';

/** A request that was sent, or not even that, and got no whole answer. Facts: `reason`, the system's error code or ETIMEDOUT. */
export function unreachable(peer: string, url: URL, timeoutMs: number, cause: unknown): KvcError {
  const reason = reasonOf(cause);
  const what =
    reason === 'ECONNREFUSED'
      ? 'refused the connection: nothing listens there'
      : reason === 'ETIMEDOUT'
        ? `did not answer within ${timeoutMs} ms`
        : `did not answer: ${messageOf(cause)}`;
  return new KvcError('KVC_E_NODE_UNREACHABLE', `${peer} (${url.origin}) ${what}`, { reason }, { cause });
}

/** The caller's own end of a request. */
export function gaveUp(reason: unknown): KvcError {
  return new KvcError('KVC_E_ABORTED', 'the caller gave up', {}, { cause: reason });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'UNKNOWN';
  const isTimeout =
    cause.name === 'TimeoutError' || (cause.cause instanceof Error && cause.cause.name === 'TimeoutError');
  if (isTimeout) return 'ETIMEDOUT';
  const code = (cause as NodeJS.ErrnoException).code;
  return code === 'ABORT_ERR' ? 'ETIMEDOUT' : (code ?? 'UNKNOWN');
}
