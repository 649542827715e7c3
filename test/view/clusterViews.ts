import type { FaultJson, NodeState } from '../../src/cluster/controlApi.js';
import type { InspectResponseJson, PeerJson, PendingJson } from '../../src/protocol/inspectApi.js';
import type { ClusterView, NodeView } from '../../src/view/clusterView.js';

/** What a node that has nothing says of itself, but for `changes`. */
export function inspectOf(name: string, changes: Partial<InspectResponseJson> = {}): InspectResponseJson {
  return {
    node: name,
    replica: name,
    instance: 'i',
    cluster: { id: 'c', name: 'default' },
    delivery: 'causal',
    durability: 'durable',
    now_ms: 1000,
    clock: {},
    durable: {},
    keys: 0,
    conflicts: 0,
    pending: [],
    pending_total: 0,
    waiting_requests: 0,
    peers: [],
    log: { updates: 0, bytes: 0, bytes_max: 1024, segments: 1 },
    store: { entries: 0, bytes: 0, used_bytes: 0, dirty_keys: 0, request_ids: 0 },
    stable: {},
    held_back_by: null,
    leaving: [],
    unreached: [],
    counters: {
      delivered: 0,
      duplicates: 0,
      relayed: 0,
      turned_away: 0,
      snapshots_given: 0,
      snapshots_taken: 0,
    },
    disk_full: false,
    faults: [],
    clock_skew_ms: 0,
    ...changes,
  };
}

export function runningNode(name: string, changes: Partial<InspectResponseJson> = {}): NodeView {
  return { name, state: 'running', inspect: inspectOf(name, changes), error: null };
}

export function silentNode(name: string, state: NodeState | 'unresponsive'): NodeView {
  return {
    name,
    state,
    inspect: null,
    error: { code: 'KVC_E_NODE_DOWN', message: `${name} is ${state}` },
  };
}

export function peerOf(name: string, changes: Partial<PeerJson> = {}): PeerJson {
  return {
    node: name,
    url: 'http://127.0.0.1:1',
    state: 'idle',
    acked: {},
    unacked: 0,
    in_flight: 0,
    behind: 0,
    error: null,
    held: 0,
    delayed: 0,
    ...changes,
  };
}

/** b=2 from node2:1, which waits for node1:1. */
export const pendingB: PendingJson = {
  dot: { node: 'node2', counter: 1 },
  operations: [{ key: 'b', value: '2' }],
  dependencies: { node1: 1 },
  missing: { node: 'node1', counter: 1 },
  since_ms: 0,
  waiting_ms: 3100,
};

export function viewOf(nodes: NodeView[], faults: FaultJson[] = []): ClusterView {
  return { cluster: { id: 'c', name: 'default' }, nodes, faults };
}

export const delayFault: FaultJson = {
  id: 'f1',
  target: 'node1:node3',
  links: [{ source: 'node1', target: 'node3' }],
  expires_at_ms: null,
  seed: 7,
  kind: 'delay',
  delay_ms: 5000,
  jitter_ms: 0,
};

export const partitionFault: FaultJson = {
  id: 'f3',
  target: 'node1 | node2,node3',
  links: [
    { source: 'node1', target: 'node2' },
    { source: 'node1', target: 'node3' },
    { source: 'node2', target: 'node1' },
    { source: 'node3', target: 'node1' },
  ],
  expires_at_ms: null,
  seed: 7,
  kind: 'partition',
};

/** node1 → node3 loses so many messages, or whatever else is done to them. */
export function dropFault(percent: number, kind: 'drop' | 'duplicate' | 'reorder' = 'drop'): FaultJson {
  const links = [{ source: 'node1', target: 'node3' }];
  return { id: 'f4', target: 'node1:node3', links, expires_at_ms: null, seed: 7, kind, percent };
}

export const holdFault: FaultJson = {
  id: 'f2',
  target: 'node3',
  links: [
    { source: 'node1', target: 'node3' },
    { source: 'node2', target: 'node3' },
  ],
  expires_at_ms: null,
  seed: 7,
  kind: 'hold',
};
