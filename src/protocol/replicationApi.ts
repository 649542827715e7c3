import type { BatchWriteJson, ClockJson, DotJson, ValueJson } from './api.js';

/** The JSON of updates and of the messages between nodes that carry them. */

/** A replicated update in its readable form. */
export interface UpdateJson {
  readonly dot: DotJson;
  /** What must be delivered first; without the update's own node. */
  readonly dependencies: ClockJson;
  /** Hybrid logical timestamp: ms since 1970 times 2048, plus a logical counter. */
  readonly timestamp: number;
  readonly operations: readonly UpdateOperationJson[];
  /** The client's name for the write, with a checksum of its content; absent where it gave none. */
  readonly request?: string;
  /** Who joins and leaves by it; absent in all but the few updates that do nothing else. */
  readonly members?: readonly MemberChangeJson[];
}

/** What a client asked for, but that a value says when it expires; or that one has expired: that with the dot `expire`. */
export type UpdateOperationJson =
  | Exclude<BatchWriteJson, ValueJson>
  | ({ readonly key: string; readonly expires_at_ms?: number } & ValueJson)
  | { readonly key: string; readonly expire: DotJson };

/** Who joins, who leaves, and with how many updates. */
export type MemberChangeJson =
  | { readonly kind: 'join'; readonly replica: string; readonly address: string }
  | { readonly kind: 'leave'; readonly replica: string }
  | { readonly kind: 'close'; readonly replica: string; readonly counter: number };

/** POST /replicate: from a replica to its peer. Without updates it asks for the peer's answer alone. */
export interface ReplicateRequestJson {
  readonly from: string;
  /** The sender's durable vector. */
  readonly clock: ClockJson;
  /** The nodes that the sender cannot reach; absent for none. */
  readonly unreached?: readonly string[];
  /** True: the receiver lacks updates that the sender's log no longer holds, and is to take a snapshot. Absent for false. */
  readonly snapshot?: boolean;
  readonly updates: readonly UpdateJson[];
}

/** The acknowledgement. */
export interface ReplicateResponseJson {
  /** Who answers: a node that has lost its data is another replica than before. */
  readonly from: string;
  /** The receiver's durable vector. */
  readonly clock: ClockJson;
  /** For origins of which it holds more than that in memory: the end of the gap-free prefix that it holds. */
  readonly received: ClockJson;
  /** How many of the message's updates it would not hold, because its pending buffer is full. */
  readonly refused: number;
  /** The nodes that the answering one cannot reach. */
  readonly unreached: readonly string[];
}
