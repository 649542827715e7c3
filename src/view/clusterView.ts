import type { FaultJson, NodeState } from '../cluster/controlApi.js';
import type { InspectResponseJson } from '../protocol/inspectApi.js';

/** A node as its supervisor and the node itself describe it. */
export interface NodeView {
  readonly name: string;
  /** unresponsive: its process runs, but it did not answer in time. */
  readonly state: NodeState | 'unresponsive';
  /** null if the node did not answer. */
  readonly inspect: InspectResponseJson | null;
  /** Why there is no answer. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A cluster at about one moment: the nodes were asked at the same time, and answered one by one. */
export interface ClusterView {
  readonly cluster: { readonly id: string; readonly name: string };
  readonly nodes: readonly NodeView[];
  readonly faults: readonly FaultJson[];
}
