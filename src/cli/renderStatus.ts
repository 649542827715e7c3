import type { ControlNodeJson, ControlStatusJson, FaultJson, NodeState } from '../cluster/controlApi.js';
import type { ClockJson } from '../protocol/api.js';
import type { ClusterView } from '../view/clusterView.js';
import { columns } from '../view/columns.js';
import { delayText, effectText, seedText } from '../view/faultText.js';
import { formatClock } from '../view/formatClock.js';

/** A node in `kvc status --json`. */
export interface NodeStatus extends Omit<ControlNodeJson, 'state'> {
  /** unresponsive: its process runs, but it does not answer. */
  readonly state: NodeState | 'unresponsive';
  /** null while it does not answer. */
  readonly clock: ClockJson | null;
  readonly keys: number | null;
  readonly conflicts: number | null;
  readonly pending: number | null;
}

export interface ClusterStatus extends Omit<ControlStatusJson, 'nodes'> {
  readonly nodes: readonly NodeStatus[];
}

/** What the supervisor says of each node, corrected by whether the node itself answers. */
export function clusterStatus(status: ControlStatusJson, view: ClusterView): ClusterStatus {
  const nodes = status.nodes.map((node): NodeStatus => {
    const seen = view.nodes.find(({ name }) => name === node.name);
    const { state = node.state, inspect = null, error = null } = seen ?? {};
    return {
      ...node,
      state,
      detail: state === 'starting' && error !== null ? error.message : node.detail,
      clock: inspect?.clock ?? null,
      keys: inspect?.keys ?? null,
      conflicts: inspect?.conflicts ?? null,
      pending: inspect?.pending_total ?? null,
    };
  });
  return { ...status, nodes };
}

/** One row per node, then a line for each that is in trouble. */
export function renderStatus({ nodes, faults }: ClusterStatus): string {
  const heading = ['NODE', 'STATE', 'HTTP', 'RESP', 'CLOCK', 'KEYS', 'PENDING', 'FAULTS'];
  const rows = nodes.map((node) => [
    node.name,
    node.state,
    String(node.port),
    String(node.resp_port),
    node.clock === null ? '-' : formatClock(node.clock),
    String(node.keys ?? '-'),
    String(node.pending ?? '-'),
    faultCell(node.name, faults),
  ]);
  const troubles = nodes.flatMap((node) => troubleOf(node));
  return [columns([heading, ...rows]), ...troubles].join('\n');
}

/** `out: node3 +5s, node2 drops 20% (seed 7)`: what acts on the links that leave the node. */
function faultCell(node: string, faults: readonly FaultJson[]): string {
  const effects = faults.flatMap((fault) =>
    fault.links.filter(({ source }) => source === node).map(({ target }) => `${target} ${effectCell(fault)}`),
  );
  return effects.length === 0 ? '' : `out: ${effects.join(', ')}`;
}

function effectCell(fault: FaultJson): string {
  const effect = fault.kind === 'delay' ? `+${delayText(fault)}` : effectText(fault);
  return effect + seedText(fault);
}

function troubleOf(node: NodeStatus): string[] {
  if (node.detail !== null) return [`${node.name}: ${node.detail}`];
  if (node.state === 'unresponsive') return [`${node.name}: its process runs, but does not answer`];
  return node.restarts > 0 ? [`${node.name}: restarted ${times(node.restarts)} after an unexpected end`] : [];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
