import type { LinkJson } from '../cluster/controlApi.js';
import type { DotJson } from '../protocol/api.js';
import type { FaultEffectJson, FaultKind } from '../protocol/faultsApi.js';
import type { PeerJson, PendingJson } from '../protocol/inspectApi.js';
import type { ClusterView, NodeView } from './clusterView.js';
import { formatClock, formatDotJson, nodeNameOf } from './formatClock.js';
import { linkText } from './faultText.js';

/** Why a dot that a pending update waits for is not delivered. The kinds are for programs and tests. */
export type PendingReason =
  | 'delivered-since'
  | 'pending-too'
  | 'own-write-lost'
  | 'origin-unknown'
  | 'origin-lost'
  | 'origin-stopped'
  | 'origin-silent'
  | 'no-such-update'
  | 'partitioned'
  | 'dropped'
  | 'held'
  | 'delayed'
  | 'acknowledged-but-missing'
  | 'backing-off'
  | 'in-flight'
  | 'not-sent-yet';

export interface PendingExplanation {
  readonly reason: PendingReason;
  /** Goes on after the name of the missing dot: `which fault f1 holds back on node1 → node3`. */
  readonly text: string;
  /** The fault to blame, if one is. */
  readonly faultId: string | null;
}

type Fault = { readonly id: string } & FaultEffectJson;

/**
 * Explains why `node` has not delivered the dot that one of its pending updates waits for. The dot's own node ships it, so
 * the answer is at that node or on its link to `node`; what speaks against delivery most is looked at first. Where that
 * node cannot, another one that has the dot will bring it.
 */
export function explainPending(node: NodeView, pending: PendingJson, view: ClusterView): PendingExplanation {
  const { missing } = pending;
  const origin = view.nodes.find(({ name }) => name === nodeNameOf(missing));
  const explanation =
    explainHere(node, missing) ??
    explainOrigin(origin, missing) ??
    explainFault(node, missing, origin, view) ??
    explainLink(missing, peerOf(origin, node));
  if (!needRelay.includes(explanation.reason)) return explanation;
  const holder = view.nodes.find(
    (other) => other !== origin && other !== node && hasDelivered(other, missing),
  );
  if (holder === undefined) return explanation;
  return { ...explanation, text: `${explanation.text}; ${holder.name} has it and is to bring it` };
}

/** Where the dot's own node does not send it, and another one does. */
const needRelay: readonly PendingReason[] = [
  'origin-unknown',
  'origin-stopped',
  'origin-silent',
  'origin-lost',
  'partitioned',
  'backing-off',
];

function hasDelivered({ inspect }: NodeView, { node, counter }: DotJson): boolean {
  return (inspect?.clock[node] ?? 0) >= counter;
}

function explainHere(node: NodeView, missing: DotJson): PendingExplanation | undefined {
  if (missing.node === node.inspect?.replica) {
    return because('own-write-lost', `which ${node.name} wrote itself and no longer has: its data was lost`);
  }
  const inspect = node.inspect;
  if ((inspect?.clock[missing.node] ?? 0) >= missing.counter) {
    return because('delivered-since', 'which has been delivered meanwhile');
  }
  const isPending =
    inspect?.pending.some(({ dot }) => formatDotJson(dot) === formatDotJson(missing)) ?? false;
  return isPending ? because('pending-too', 'which is here and pending too') : undefined;
}

function explainOrigin(origin: NodeView | undefined, missing: DotJson): PendingExplanation | undefined {
  if (origin === undefined) {
    return because('origin-unknown', `which ${missing.node} cannot send: it is no node of this cluster now`);
  }
  const { name, state, inspect } = origin;
  if (inspect === null) return explainSilence(origin);
  if (inspect.replica !== missing.node) {
    return because(
      'origin-lost',
      `which ${name} cannot send: it came back without its data, as ${inspect.replica}`,
    );
  }
  if ((inspect.clock[missing.node] ?? 0) < missing.counter) {
    const has = formatClock(inspect.clock);
    return because('no-such-update', `which does not exist: ${name} has written up to ${has} only`);
  }
  return state === 'running' ? undefined : explainSilence(origin);
}

function explainSilence({ name, state }: NodeView): PendingExplanation {
  switch (state) {
    case 'killed':
      return because('origin-stopped', `which ${name} cannot send: it is killed; kvc restart ${name}`);
    case 'failed':
      return because('origin-stopped', `which ${name} cannot send: it failed; kvc logs ${name}`);
    case 'paused':
      return because('origin-stopped', `which ${name} cannot send: it is paused; kvc resume ${name}`);
    case 'starting':
    case 'restarting':
      return because('origin-stopped', `which ${name} will send when it is up: it is ${state}`);
    case 'running':
    case 'unresponsive':
      return because('origin-silent', `which ${name} may not send: it does not answer; kvc logs ${name}`);
  }
}

/**
 * Of several faults on the link, the one that is met first among those that stop a message for good explains it; then one
 * that stops it for a time, the longest first.
 */
function explainFault(
  node: NodeView,
  missing: DotJson,
  origin: NodeView | undefined,
  view: ClusterView,
): PendingExplanation | undefined {
  const link = { source: nodeNameOf(missing), target: node.name };
  const faults = faultsOn(link, origin, view);
  const isOfKind = (kind: FaultKind) => (fault: Fault) => fault.kind === kind;
  const fault =
    faults.find(isOfKind('partition')) ??
    faults.find((each) => each.kind === 'drop' && each.percent === 100) ??
    faults.find(isOfKind('hold')) ??
    faults.find(isOfKind('delay')) ??
    faults.find(isOfKind('drop'));
  return fault === undefined ? undefined : explainBy(fault, link);
}

function explainBy(fault: Fault, link: LinkJson): PendingExplanation | undefined {
  const { id: faultId } = fault;
  const where = `on ${linkText(link)}`;
  switch (fault.kind) {
    case 'partition':
      return { reason: 'partitioned', text: `which fault ${faultId} cuts ${where}`, faultId };
    case 'drop': {
      const text = `which fault ${faultId} drops (${fault.percent}%) ${where}, it is sent again`;
      return { reason: 'dropped', text, faultId };
    }
    case 'hold': {
      const step = `kvc step ${link.source}:${link.target}`;
      return { reason: 'held', text: `which fault ${faultId} holds ${where}; ${step}`, faultId };
    }
    case 'delay':
      return { reason: 'delayed', text: `which fault ${faultId} holds back ${where}`, faultId };
    case 'duplicate':
    case 'reorder':
      return undefined;
  }
}

/** What acts on the link. First the rules of the origin itself, which also knows those that came past the supervisor. */
function faultsOn(link: LinkJson, origin: NodeView | undefined, view: ClusterView): readonly Fault[] {
  const rules = origin?.inspect?.faults.filter(({ target }) => target === link.target) ?? [];
  const known = view.faults.filter(({ links }) =>
    links.some(({ source, target }) => source === link.source && target === link.target),
  );
  return [...rules, ...known];
}

function explainLink(missing: DotJson, peer: PeerJson | undefined): PendingExplanation {
  const origin = nodeNameOf(missing);
  if ((peer?.acked[missing.node] ?? 0) >= missing.counter) {
    return because(
      'acknowledged-but-missing',
      `which ${origin} takes as delivered, for it was acknowledged once: data was lost here`,
    );
  }
  if (peer?.state === 'backing-off' || (peer?.error ?? null) !== null) {
    return because(
      'backing-off',
      `which ${origin} tries to send again: ${peer?.error ?? 'the last try failed'}`,
    );
  }
  if ((peer?.in_flight ?? 0) > 0) return because('in-flight', `which is on its way from ${origin}`);
  return because('not-sent-yet', `which ${origin} has not sent yet`);
}

function peerOf(origin: NodeView | undefined, node: NodeView): PeerJson | undefined {
  return origin?.inspect?.peers.find((peer) => peer.node === node.name);
}

function because(reason: PendingReason, text: string): PendingExplanation {
  return { reason, text, faultId: null };
}
