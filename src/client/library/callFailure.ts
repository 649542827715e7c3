import { KvcError, type ErrorCode } from '../../errors.js';

/** One attempt of a call that failed. */
export interface FailedAttempt {
  /** The node's name, or its URL where that is not known yet. */
  readonly node: string;
  readonly error: KvcError;
}

/** Failures of one node which say nothing of the others, although the same node would fail again. */
const ofOneNode: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'KVC_E_REMOVED',
  'KVC_E_CLOSED',
  'KVC_E_LOG_FAILED',
  'KVC_E_STORE_FAILED',
  'KVC_E_STORE_CORRUPT',
  'KVC_E_CLUSTER_FOREIGN',
  // Tokens that a caller gives were looked at before: the node is of another cluster, which has the port now.
  'KVC_E_TOKEN_FOREIGN',
  'KVC_E_NODE_UNKNOWN',
]);

/** Whether another node may do what this one did not. */
export function isForAnother(error: KvcError): boolean {
  return error.retryable || ofOneNode.has(error.code);
}

/** Whether a kept connection broke, as it does when a server closes it in the moment in which it is used. */
export function isReset({ code, facts }: KvcError): boolean {
  if (code !== 'KVC_E_NODE_UNREACHABLE') return false;
  return (
    facts['reason'] === 'ECONNRESET' || facts['reason'] === 'EPIPE' || facts['reason'] === 'UND_ERR_SOCKET'
  );
}

/**
 * The node was to say that it takes the request up, and has not in the time in which it might: it has not done it, and will not.
 * What was refused says so itself.
 */
export function notTakenUp(error: KvcError): KvcError {
  return error.code === 'KVC_E_NODE_UNREACHABLE' ? error.with({ taken_up: false }) : error;
}

/** Whether what failed may have happened. */
export function isDoubtful(error: KvcError): boolean {
  return !error.definite && error.facts['taken_up'] !== false;
}

/** A refused connection is one on which nothing was sent: then it is certain that nothing happened. */
export function settleRefusal(error: KvcError): KvcError {
  if (error.code !== 'KVC_E_NODE_UNREACHABLE' || error.facts['reason'] !== 'ECONNREFUSED') return error;
  return new KvcError('KVC_E_NODE_DOWN', error.message, error.facts, { cause: error });
}

/**
 * What to tell of a call that failed. Of a write that may have happened, an indefinite error; else what tells most: that a
 * node is behind, and what it lacks, before that one is busy, before that none answers.
 */
export function callFailure(failures: readonly FailedAttempt[], isWrite: boolean, last?: KvcError): KvcError {
  const errors = failures.map(({ error }) => error);
  const doubtful = isWrite ? errors.findLast(isDoubtful) : undefined;
  const error = doubtful ?? last ?? mostTelling(errors);
  return error.with({ attempts: failures.map((each) => ({ node: each.node, code: each.error.code })) });
}

/** A connection that broke says least: it may have been closed by a node that ended, as a refusal on a new one tells. */
function mostTelling(errors: readonly KvcError[]): KvcError {
  const rank = (error: KvcError): number => {
    if (error.code === 'KVC_E_DEPS_TIMEOUT') return 0;
    if (error.code === 'KVC_E_NODE_DOWN') return 3;
    if (error.code !== 'KVC_E_NODE_UNREACHABLE') return 1;
    return isReset(error) ? 4 : 2;
  };
  const [first] = errors.toReversed().sort((one, other) => rank(one) - rank(other));
  return first ?? new KvcError('KVC_E_NODE_UNREACHABLE', 'there was no time to ask any node');
}
