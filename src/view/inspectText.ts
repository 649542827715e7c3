import type { FaultRuleJson } from '../protocol/faultsApi.js';
import type {
  InspectResponseJson,
  OperationSummaryJson,
  PeerJson,
  PendingJson,
} from '../protocol/inspectApi.js';
import type { ClusterView, NodeView } from './clusterView.js';
import { explainPending } from './explainPending.js';
import { effectText, lastsText, linkText, seedText } from './faultText.js';
import { formatBytes } from './formatBytes.js';
import { formatClock, formatDotJson } from './formatClock.js';
import { formatElapsed } from './formatElapsed.js';
import { printable } from './printable.js';
import type { Paint } from './style.js';

/** Pending updates shown of one node; `--json` has more. */
const pendingShownMax = 10;
const operationsShownMax = 3;

/** One node for people: its clock, what is pending and why, then its links, faults and sizes. */
export function inspectText(node: NodeView, view: ClusterView, paint: Paint): string {
  const { inspect } = node;
  if (inspect === null) return silentText(node, paint);
  const heading = [
    paint('bold', node.name),
    paint(node.state === 'running' ? 'green' : 'yellow', node.state),
    `clock ${formatClock(inspect.clock)}`,
    `keys ${inspect.keys}`,
    ...troubles(inspect).map((trouble) => paint('yellow', trouble)),
  ].join('  ');
  const details = [
    ...inspect.peers.map(peerLine),
    ...inspect.faults.map((fault) => `fault ${ruleText(fault, inspect.now_ms)}`),
    ...stabilityLines(inspect),
    sizesLine(inspect),
    trafficLine(inspect),
  ];
  return [heading, ...pendingLines(node, inspect, view, paint), ...details.map((line) => `  ${line}`)].join(
    '\n',
  );
}

function silentText({ name, state, error }: NodeView, paint: Paint): string {
  const heading = `${paint('bold', name)}  ${paint('red', state)}`;
  const saysAll = error === null || state === 'killed' || state === 'paused';
  return saysAll ? heading : `${heading}  ${printable(error.message)}`;
}

function troubles(inspect: InspectResponseJson): string[] {
  const { conflicts, waiting_requests, clock_skew_ms, disk_full, unreached } = inspect;
  return [
    disk_full ? 'the disk is full: no writes' : '',
    unreached.length > 0 ? `does not reach ${unreached.join(', ')}` : '',
    conflicts > 0 ? `conflicts ${conflicts}` : '',
    waiting_requests > 0 ? `waiting requests ${waiting_requests}` : '',
    clock_skew_ms > 0 ? `a remote clock is ${formatElapsed(clock_skew_ms)} ahead` : '',
  ].filter((text) => text !== '');
}

function pendingLines(
  node: NodeView,
  inspect: InspectResponseJson,
  view: ClusterView,
  paint: Paint,
): string[] {
  if (inspect.pending_total === 0) return [];
  const label = `pending (${inspect.pending_total})  `;
  const lines = inspect.pending.slice(0, pendingShownMax).map((pending, index) => {
    const start = index === 0 ? paint('yellow', label) : ' '.repeat(label.length);
    return start + pendingText(node, pending, view);
  });
  const rest = inspect.pending_total - lines.length;
  return rest > 0 ? [...lines, `${' '.repeat(label.length)}and ${rest} more`] : lines;
}

/** `b=2 from node2:1, waiting 3.1s for node1:1, which fault f1 holds back on node1 → node3` */
export function pendingText(node: NodeView, pending: PendingJson, view: ClusterView): string {
  const { text } = explainPending(node, pending, view);
  const waited = formatElapsed(pending.waiting_ms);
  const what = `${operationsText(pending)} from ${formatDotJson(pending.dot)}`;
  return `${what}, waiting ${waited} for ${formatDotJson(pending.missing)}, ${text}`;
}

function operationsText({ operations }: PendingJson): string {
  const shown = operations.slice(0, operationsShownMax).map(operationText);
  return operations.length > shown.length ? `${shown.join(', ')}, ...` : shown.join(', ');
}

/** `b=2`, `b deleted`, `visits += 1`, `tags -= x`, `b expires (node1:3)`. */
function operationText({ key, value, change }: OperationSummaryJson): string {
  if (value === null) return `${printable(key)} deleted`;
  if (change === undefined) return printable(`${key}=${value}`);
  switch (change) {
    case 'increment':
      return printable(value.startsWith('-') ? `${key} -= ${value.slice(1)}` : `${key} += ${value}`);
    case 'add':
      return printable(`${key} += ${value}`);
    case 'remove':
      return printable(`${key} -= ${value}`);
    case 'expire':
      return printable(`${key} expires (${value})`);
  }
}

function peerLine(peer: PeerJson): string {
  const parts = [`acked ${formatClock(peer.acked)}`, `${peer.unacked} unacked`];
  if (peer.in_flight > 0) parts.push(`${peer.in_flight} in flight`);
  if (peer.held > 0) parts.push(`${peer.held} held`);
  if (peer.delayed > 0) parts.push(`${peer.delayed} delayed`);
  if (peer.error !== null) parts.push(`backing off: ${printable(peer.error)}`);
  return `${peer.node} ← ${parts.join(', ')}`;
}

function ruleText(rule: FaultRuleJson, nowMs: number): string {
  const ends = rule.expires_at_ms === null ? '' : `, ends in ${lastsText(rule.expires_at_ms, nowMs)}`;
  return `${rule.id}: ${linkText(rule)} ${effectText(rule)}${seedText(rule)}${ends}`;
}

/** What may be forgotten, and who is in the way of more. */
function stabilityLines({ stable, held_back_by, peers, leaving }: InspectResponseJson): string[] {
  const slowest = peers.find(({ node }) => node === held_back_by);
  const blame =
    slowest === undefined
      ? ''
      : `, held back by ${slowest.node}, which lacks ${amountText(slowest.behind, 'update', 'updates')}`;
  return [
    `stable ${formatClock(stable)}${blame}`,
    ...leaving.map(
      (replica) => `${replica} has left, and not every node is known to have the same of its updates`,
    ),
  ];
}

function sizesLine({ log, store, durability }: InspectResponseJson): string {
  const kept = durability === 'ephemeral' ? ', in memory only' : '';
  const used =
    store.bytes > 0 ? `${formatBytes(store.used_bytes)} of ${formatBytes(store.bytes)} in use, ` : '';
  return (
    `log ${amountText(log.updates, 'update', 'updates')}, ${formatBytes(log.bytes)} of at most ${formatBytes(log.bytes_max)}   ` +
    `store ${amountText(store.entries, 'entry', 'entries')}, ${used}${store.dirty_keys} not yet written${kept}`
  );
}

function amountText(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Since the node started; what never happened is left out. */
function trafficLine({ counters }: InspectResponseJson): string {
  const counts: readonly [string, number][] = [
    ['received', counters.delivered],
    ['received again', counters.duplicates],
    ['relayed', counters.relayed],
    ['snapshots given', counters.snapshots_given],
    ['snapshots taken', counters.snapshots_taken],
    ['requests turned away', counters.turned_away],
  ];
  const happened = counts.filter(([, count], index) => index === 0 || count > 0);
  return `since its start: ${happened.map(([what, count]) => `${what} ${count}`).join(', ')}`;
}
