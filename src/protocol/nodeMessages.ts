import type { NodeName } from '../core/ids.js';
import type { DeliveryMode } from '../core/delivery.js';
import type { FaultRuleJson } from './faultsApi.js';
import type { NodeLimits } from './nodeLimits.js';

/** What a supervisor tells a node process over IPC, and what it hears from it. Everything else goes over HTTP. */
export type SupervisorMessage =
  /** First and once: what to be. */
  | { readonly kind: 'start'; readonly config: NodeConfig }
  /** Shut down cleanly and exit with 0. */
  | { readonly kind: 'stop' };

export type NodeMessage =
  /** The node listens, has recovered, and serves. */
  | { readonly kind: 'ready'; readonly recoveredUpdates: number }
  /** The node is not ready yet, and goes on getting there: what it does now, for people. */
  | { readonly kind: 'progress'; readonly reason: string }
  /** The node will exit: it cannot start, or must not go on. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** The node's fault rules changed by a request or by expiry, so that a restarted node can be given them again. */
  | { readonly kind: 'faults'; readonly faults: readonly FaultRuleJson[] };

export interface NodeConfig {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly self: NodeName;
  /** Unique to this process: what a liveness probe answers with. */
  readonly instance: string;
  /** All nodes of the cluster, this one included, and where they listen. */
  readonly members: readonly NodeAddress[];
  /** Where this node listens for clients of the Redis protocol, on 127.0.0.1; absent: nowhere. */
  readonly respPort?: number;
  /** The nodes with which the cluster began; all others have joined it since. The same at every node, for ever. */
  readonly founders: readonly NodeName[];
  /** null: nothing is kept (ephemeral). */
  readonly dataDir: string | null;
  /** True if this node has served before: then an empty data directory is lost data, not a new node. */
  readonly hasServed: boolean;
  readonly delivery: DeliveryMode;
  /** What differs from the defaults (nodeLimits.ts). */
  readonly limits: Partial<NodeLimits>;
  readonly faults: readonly FaultRuleJson[];
}

export interface NodeAddress {
  readonly name: NodeName;
  /** On 127.0.0.1. */
  readonly port: number;
}

/** The levels of a node's log, least urgent first. A log line is JSON: {time, level, node, message, ...facts}. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];
