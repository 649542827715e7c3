import type { DeliveryMode } from '../protocol/api.js';
import type { ControlClient } from './controlClient.js';

export interface ClusterNode {
  readonly name: string;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
}

/** A running cluster, as a command sees it. */
export interface ClusterHandle {
  /** The cluster's directory: sessions, logs and data are below it. */
  readonly dir: string;
  readonly id: string;
  readonly name: string;
  readonly delivery: DeliveryMode;
  readonly nodes: readonly ClusterNode[];
  readonly control: ControlClient;
  /** @throws KvcError KVC_E_NODE_UNKNOWN, listing the names. `text` is `node1`, or `1` for short. */
  resolveNode(text: string): ClusterNode;
}

/**
 * Finds a running cluster by its name.
 * @throws KvcError KVC_E_CLUSTER_NOT_RUNNING when there is none, or its supervisor does not answer
 */
export declare function openCluster(name: string): Promise<ClusterHandle>;
