import { messageOf } from '../errors.js';

/** What went wrong between a node and its peer, in words: the predicate of a sentence about the peer. */
export function problemOf(error: unknown, timeoutMs: number): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'refused the connection';
  // What is aborted and not because the transport was closed has taken too long.
  if (code === 'ABORT_ERR') return `did not answer within ${timeoutMs / 1000} s`;
  return `broke the connection: ${messageOf(error)}`;
}
