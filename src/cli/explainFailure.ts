import type { ControlStatusJson } from '../cluster/controlApi.js';
import { shortName } from '../cluster/nodeNames.js';
import type { ErrorCode, KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { formatDuration } from '../view/formatDuration.js';
import { explainConditionFailed } from './explainConditionFailed.js';
import { explainDepsTimeout, type FailedCall } from './explainDepsTimeout.js';

type Explanation = (error: KvcError, call: FailedCall, status: ControlStatusJson) => KvcError;

/** Failures of a data command about which the command line knows more to say than the node does. */
const explanations: Readonly<Partial<Record<ErrorCode, Explanation>>> = {
  KVC_E_DEPS_TIMEOUT: explainDepsTimeout,
  KVC_E_DEPS_LOST: (error, { session }) =>
    error.with({ try: [session === undefined ? '--token new' : `kvc session reset ${session}`] }),
  KVC_E_NOT_DURABLE: explainNotDurable,
  KVC_E_CONDITION_FAILED: explainConditionFailed,
  KVC_E_DISK_FULL: (error, call, status) =>
    error.with({ try: ['free disk space', ...elsewhere(call, status)] }),
  KVC_E_REMOVED: (error, call, status) => error.with({ try: [...elsewhere(call, status), 'kvc status'] }),
};

export function isExplained(error: KvcError): boolean {
  return explanations[error.code] !== undefined;
}

/** The same failure, with what it means here and what can be done. */
export function explainFailure(error: KvcError, call: FailedCall, status: ControlStatusJson): KvcError {
  return explanations[error.code]?.(error, call, status) ?? error;
}

/** Whether it is lost nobody knows: what is in a log stays, and goes on to the nodes that it has not reached. */
function explainNotDurable(error: KvcError, call: FailedCall): KvcError {
  const { durable_at: reached, replicas } = error.facts;
  const remedies = [`--timeout ${formatDuration(longerThan(call.timeoutMs))}`, 'kvc status', 'kvc inspect'];
  const isKnown = Array.isArray(reached) && typeof replicas === 'number';
  const message = isKnown ? notDurableText(call, reached.map(String), replicas) : error.message;
  return error.with({ try: remedies }, message);
}

function notDurableText(
  { node, timeoutMs }: FailedCall,
  reached: readonly string[],
  replicas: number,
): string {
  const within = `within ${formatDuration(timeoutMs)}`;
  if (reached.length === 0) return `${node} did not make the write durable ${within}; it may still happen`;
  const count = `${reached.length} of the ${replicas} nodes asked for`;
  return `the write became durable at ${count} ${within} (${reached.join(', ')}); it stands, and may still reach the others`;
}

function longerThan(timeoutMs: number): number {
  return Math.min(limits.timeoutMsMax, Math.max(10_000, timeoutMs * 2));
}

/** Another node that runs, if there is one. */
function elsewhere({ node }: FailedCall, { nodes }: ControlStatusJson): string[] {
  const other = nodes.find(({ name, state }) => name !== node && state === 'running');
  return other === undefined ? [] : [`--node ${shortName(other.name)}`];
}
