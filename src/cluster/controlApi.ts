import type { ClockJson } from '../protocol/api.js';
import type { DeliveryMode } from '../core/delivery.js';
import type { FaultEffectJson, FaultKind } from '../protocol/faultsApi.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';

/**
 * The JSON of the supervisor's control API: what a command asks of the cluster rather than of one node. It listens on
 * 127.0.0.1 and wants `authorization: Bearer TOKEN` with the token of the cluster file.
 */

/**
 * - starting: forked, not ready yet; `detail` says what it does, if it is more than a moment
 * - running: said ready, and its process lives
 * - paused: stopped by `kvc pause`
 * - restarting: ended unexpectedly; comes back after a back-off
 * - killed: ended by `kvc kill`; stays down until `kvc restart`
 * - failed: gave up; `detail` says why
 */
export type NodeState = 'starting' | 'running' | 'paused' | 'restarting' | 'killed' | 'failed';

export interface ControlNodeJson {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  /** Where it speaks the Redis protocol, on 127.0.0.1. */
  readonly resp_port: number;
  readonly state: NodeState;
  readonly since_ms: number;
  /** Unexpected exits that were followed by a restart. */
  readonly restarts: number;
  /** Why it is starting, restarting or failed, in one line; else null. */
  readonly detail: string | null;
}

/** GET /status; also the answer to POST /nodes/NAME/kill, /restart, /pause and /resume. */
export interface ControlStatusJson {
  readonly cluster: { readonly id: string; readonly name: string };
  readonly instance: string;
  readonly delivery: DeliveryMode;
  readonly durability: 'durable' | 'ephemeral';
  /** Of each node. */
  readonly limits: NodeLimits;
  readonly started_at_ms: number;
  readonly nodes: readonly ControlNodeJson[];
  readonly faults: readonly FaultJson[];
}

/** POST /nodes: the answer is the ControlNodeJson of the node, which runs then. */
export interface AddNodeJson {
  /** Default: the first of node1, node2, ... that this cluster never had. */
  readonly name?: string;
}

/** POST /nodes/NAME/remove. */
export interface RemoveNodeJson {
  /** Also a node that cannot hand its data on; what only it has is lost. */
  readonly force: boolean;
  /** How long the node may take to hand its data on. */
  readonly timeout_ms: number;
}

export type RemovedNodeJson =
  | {
      readonly node: string;
      readonly forced: false;
      /** The nodes that have all of its writes. */
      readonly handed_on_to: readonly string[];
    }
  | {
      readonly node: string;
      readonly forced: true;
      /** Per replica id of the node: up to which of its writes the other nodes have them. Later ones are lost. */
      readonly held: ClockJson;
    };

export interface LinkJson {
  readonly source: string;
  readonly target: string;
}

/** A fault as the user made it: one id, one or more links. */
export type FaultJson = {
  readonly id: string;
  /** As it was given: `node3`, `node1:node3`, `all`; of a partition `node1 | node2,node3` or `ring node1,node2,...`. */
  readonly target: string;
  /** The links on which it still acts. */
  readonly links: readonly LinkJson[];
  readonly expires_at_ms: number | null;
  /** Decides all that the fault leaves to chance. */
  readonly seed: number;
} & FaultEffectJson;

/** POST /faults. */
export type AddFaultJson = AddLinkFaultJson | AddPartitionJson;

export type AddLinkFaultJson = {
  /** `node3`: what arrives at it. `node1:node3`: one link, one way. `all`. */
  readonly target: string;
  /** Both directions. */
  readonly both: boolean;
} & LinkEffectJson &
  FaultTermsJson;

/** What a fault does, unless it is a partition. */
export type LinkEffectJson = Exclude<FaultEffectJson, { kind: 'partition' }>;

/** Cuts every link between nodes of different groups, both ways. */
export type AddPartitionJson = { readonly kind: 'partition' } & PartitionJson & FaultTermsJson;

export type PartitionJson =
  /** Each node at most once. Nodes that are in no group form one more. */
  { readonly groups: readonly (readonly string[])[] } | { readonly shape: PartitionShape };

/**
 * - one: the last node alone
 * - halves: the first half of the nodes and the second, which has one more where they are odd
 * - ring: every node can talk to the one before it and the one after it only
 */
export type PartitionShape = 'one' | 'halves' | 'ring';

export interface FaultTermsJson {
  /** Ends by itself after so long; null: until cleared. */
  readonly for_ms: number | null;
  /** Default: drawn by the supervisor. */
  readonly seed?: number;
}

/** DELETE /faults: clears the matching rules; without any field, all of them. */
export interface ClearFaultsJson {
  readonly kind?: FaultKind;
  readonly target?: string;
  readonly both?: boolean;
}

export interface ClearedFaultsJson {
  /** Ids of the faults that lost a link or ended. */
  readonly cleared: readonly string[];
  readonly faults: readonly FaultJson[];
}
