import type { ControlStatusJson, FaultJson } from '../cluster/controlApi.js';
import { shortName } from '../cluster/nodeNames.js';
import type { KvcError } from '../errors.js';
import type { DotJson } from '../protocol/api.js';
import { limits } from '../protocol/limits.js';
import { undoCommand } from '../view/faultText.js';
import { formatDotJson, nodeNameOf } from '../view/formatClock.js';
import { formatDuration } from '../view/formatDuration.js';

/** What a command had asked for when it failed. */
export interface FailedCall {
  readonly node: string;
  /** undefined: by a token. */
  readonly session: string | undefined;
  readonly timeoutMs: number;
}

/**
 * Says of a KVC_E_DEPS_TIMEOUT which writes are missing and what can be done: wait longer, go to the node that has
 * them, or end what keeps them away. Advice is given only where it would help as far as the status shows.
 */
export function explainDepsTimeout(error: KvcError, call: FailedCall, status: ControlStatusJson): KvcError {
  const missing = missingDots(error);
  if (missing.length === 0) return error;
  const dots = missing.map(formatDotJson).join(', ');
  const who = call.session === undefined ? 'the session' : `session ${call.session}`;
  const message = `${call.node} has not delivered ${dots}, which ${who} has seen`;
  const others = missing.flatMap((dot) => remediesFor(dot, missing, call, status));
  const remedies = [...new Set([...waitLonger(missing, call, status), ...others])];
  return error.with({ try: remedies }, message);
}

function missingDots(error: KvcError): readonly DotJson[] {
  const { missing } = error.facts;
  return Array.isArray(missing) ? (missing as DotJson[]) : [];
}

/** One time that is enough for all that is missing; none where waiting alone does not help. */
function waitLonger(missing: readonly DotJson[], call: FailedCall, status: ControlStatusJson): string[] {
  const waitsMs = missing.map((dot) => {
    const faults = faultsBefore(dot, call, status);
    const comes = isRunning(dot, status) && !faults.some(stopsAll);
    return comes ? enoughMs(faults, call) : Infinity;
  });
  const longestMs = Math.max(...waitsMs);
  return longestMs === Infinity ? [] : [`--timeout ${formatDuration(longestMs)}`];
}

function remediesFor(
  dot: DotJson,
  missing: readonly DotJson[],
  call: FailedCall,
  status: ControlStatusJson,
): string[] {
  const from = nodeNameOf(dot);
  const origin = status.nodes.find(({ name }) => name === from);
  const faults = faultsBefore(dot, call, status);
  // Only a node that has written all that is missing surely has it.
  const canMove = isRunning(dot, status) && missing.length === 1 && from !== call.node;
  return [
    ...(canMove ? [`--node ${shortName(from)}`] : []),
    ...faults.map(undoCommand),
    ...(origin?.state === 'paused' ? [`kvc resume ${origin.name}`] : []),
    ...(origin?.state === 'killed' ? [`kvc restart ${origin.name}`] : []),
    ...(faults.length === 0 ? [`kvc inspect ${call.node}`] : []),
  ];
}

/** Whether the node runs that wrote it. Whether as the same replica, or as one that has not its data, the status does not say. */
function isRunning(dot: DotJson, status: ControlStatusJson): boolean {
  return status.nodes.some(({ name, state }) => name === nodeNameOf(dot) && state === 'running');
}

/** The faults on the link by which the dot comes. */
function faultsBefore(dot: DotJson, call: FailedCall, status: ControlStatusJson): readonly FaultJson[] {
  return status.faults.filter((fault) =>
    fault.links.some((link) => link.source === nodeNameOf(dot) && link.target === call.node),
  );
}

/** Whether waiting does not help as long as the fault stands. */
function stopsAll(fault: FaultJson): boolean {
  return (
    fault.kind === 'hold' || fault.kind === 'partition' || (fault.kind === 'drop' && fault.percent === 100)
  );
}

/** Longer than the longest delay that stands in the way, and than what was tried. */
function enoughMs(faults: readonly FaultJson[], call: FailedCall): number {
  const delays = faults.map((fault) => (fault.kind === 'delay' ? fault.delay_ms + fault.jitter_ms : 0));
  const roundUp = (ms: number) => Math.ceil(ms / 1000) * 1000;
  const enough = delays.length > 0 ? Math.max(...delays) + 1000 : call.timeoutMs * 2;
  return Math.min(limits.timeoutMsMax, roundUp(Math.max(enough, call.timeoutMs + 1000)));
}
