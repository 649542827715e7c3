import type { ClusterFaults } from '../cluster/clusterFaults.js';
import type { ControlNodeJson, NodeState } from '../cluster/controlApi.js';

/** The nodes of a cluster under test, wherever they run. Nodes are called by their full names. */
export interface NodeGroup {
  readonly nodes: readonly Pick<ControlNodeJson, 'name' | 'url' | 'resp_port'>[];
  readonly faults: ClusterFaults;
  stateOf(node: string): NodeState;
  /** At once. The node stays down until it is restarted. */
  kill(node: string): Promise<void>;
  /** Resolves when it serves again. */
  restart(node: string): Promise<void>;
  pause(node: string): void;
  resume(node: string): void;
  /** Ends all nodes and removes every trace. */
  close(): Promise<void>;
}
