import type { DeliveryMode } from '../core/delivery.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import type { Cut, PartitionShape } from './machine/partitions.js';
import type { NetworkFaults } from './machine/virtualNetwork.js';

/** What a seed stands for: a cluster, what clients and operators do with it, and what goes wrong meanwhile. JSON only. */
export interface Schedule {
  readonly seed: number;
  readonly config: ScheduleConfig;
  readonly steps: readonly Step[];
}

export interface ScheduleConfig {
  /** Founders; more may join. */
  readonly nodes: number;
  readonly delivery: DeliveryMode;
  readonly sessions: number;
  readonly network: NetworkFaults;
  /** How long a node waits for an answer. */
  readonly answerMsMax: number;
  readonly limits: Partial<NodeLimits>;
  /** Whether the last cuts stay while everything spreads, by way of other nodes. */
  readonly spreadsPastCuts: boolean;
}

/**
 * One thing that happens, `atMs` after the run began, if it is possible then: else nothing does. So any steps may be left
 * out. Nodes are numbered from 0 in the order in which they came: the founders, then those that joined.
 */
export type Step = { readonly atMs: number } & Action;

export type Action =
  | WriteAction
  | {
      readonly kind: 'read';
      readonly node: number;
      readonly session: number | null;
      /** Several are read as of one instant. */
      readonly keys: readonly string[];
      readonly timeoutMs: number;
    }
  /** The client of an earlier write sends it again, whether or not it was answered. `write` is the position of its step. */
  | { readonly kind: 'retry'; readonly write: number; readonly node: number }
  | CutAction
  | { readonly kind: 'heal' }
  /** One way, and until the next heal. */
  | { readonly kind: 'slow'; readonly node: number; readonly other: number; readonly delayMs: number }
  | { readonly kind: 'pause'; readonly node: number; readonly forMs: number }
  /** `effects`: after so many interactions with disk, network and time from now; 0 is at once. */
  | { readonly kind: 'crash'; readonly node: number; readonly effects: number; readonly downMs: number }
  /** A clean stop, as `kvc restart` does it. */
  | { readonly kind: 'restart'; readonly node: number }
  | { readonly kind: 'lose disk'; readonly node: number; readonly downMs: number }
  /** A byte of the log is flipped that was durable long ago. `at`: where, as a fraction. */
  | { readonly kind: 'damage log'; readonly node: number; readonly at: number; readonly downMs: number }
  /** The key store's files are damaged, so that it cannot be opened any more. */
  | { readonly kind: 'damage store'; readonly node: number; readonly downMs: number }
  | { readonly kind: 'set clock'; readonly node: number; readonly skewMs: number }
  | { readonly kind: 'join' }
  | { readonly kind: 'leave'; readonly node: number }
  /** By force. `isRunning`: it goes on until it hears of it. */
  | { readonly kind: 'remove'; readonly node: number; readonly isRunning: boolean };

/** `value` null: a delete. `ttlMs`: after that the value expires. */
export type Change =
  | { readonly key: string; readonly value: string | null; readonly ttlMs?: number }
  | { readonly key: string; readonly amount: number }
  | { readonly key: string; readonly member: string; readonly isRemoved: boolean };

export interface WriteAction {
  readonly kind: 'write';
  readonly node: number;
  /** null: without a session. */
  readonly session: number | null;
  /** Several are one batch. */
  readonly changes: readonly Change[];
  /** Only where none of its keys has a value. */
  readonly isCreate?: true;
  /** Whether the client gives it a name, so that it may send it again. */
  readonly isNamed: boolean;
  /** At how many nodes it is to be durable. */
  readonly replicas: number;
  readonly timeoutMs: number;
}

export interface CutAction {
  readonly kind: 'cut';
  readonly shape: PartitionShape;
  readonly cuts: readonly Cut[];
}
