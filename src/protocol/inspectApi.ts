import type { DeliveryMode } from '../core/delivery.js';
import type { ClockJson, DotJson } from './api.js';
import type { FaultRuleJson } from './faultsApi.js';

/** The JSON of what a node says of itself. */

export interface OperationSummaryJson {
  readonly key: string;
  /** At most 64 characters of the value, or of the member or amount; null for a delete. */
  readonly value: string | null;
  /** Absent where a value was written or deleted. */
  readonly change?: 'increment' | 'add' | 'remove' | 'expire';
}

/** An update that waits for something that it depends on. */
export interface PendingJson {
  readonly dot: DotJson;
  /** At most 8 of the update's operations. */
  readonly operations: readonly OperationSummaryJson[];
  readonly dependencies: ClockJson;
  /** The first dot that it waits for. */
  readonly missing: DotJson;
  readonly since_ms: number;
  readonly waiting_ms: number;
}

/** What the link to a peer does: nothing to send, sending, or waiting after a failure. */
export type PeerStateJson = 'idle' | 'shipping' | 'backing-off';

/** What a node knows of one peer. */
export interface PeerJson {
  readonly node: string;
  readonly url: string;
  readonly state: PeerStateJson;
  /** What the peer has made durable, as last heard. */
  readonly acked: ClockJson;
  /** Updates of this node that the peer has not acknowledged. */
  readonly unacked: number;
  readonly in_flight: number;
  /** Updates of any node that this one has and the peer has not acknowledged: by so much it holds collection back. */
  readonly behind: number;
  /** Why the last message failed; null once one succeeds. */
  readonly error: string | null;
  readonly held: number;
  readonly delayed: number;
}

/** GET /inspect */
export interface InspectResponseJson {
  readonly node: string;
  readonly replica: string;
  readonly instance: string;
  readonly cluster: { readonly id: string; readonly name: string };
  readonly delivery: DeliveryMode;
  readonly durability: 'durable' | 'ephemeral';
  readonly now_ms: number;
  readonly clock: ClockJson;
  readonly durable: ClockJson;
  /** What every member has made durable: the log needs no more to hold it, and deletes within it can be forgotten. */
  readonly stable: ClockJson;
  /** The peer that lacks most of what is not stable, if any lacks anything. */
  readonly held_back_by: string | null;
  /** Replicas that left and may still have updates that not every member has: until then no delete is forgotten. */
  readonly leaving: readonly string[];
  /** The nodes that this one does not reach. */
  readonly unreached: readonly string[];
  readonly keys: number;
  readonly conflicts: number;
  /** Oldest first; at most 100 of `pending_total`. */
  readonly pending: readonly PendingJson[];
  readonly pending_total: number;
  /** Requests that wait for their session's dependencies or for the disk. */
  readonly waiting_requests: number;
  readonly peers: readonly PeerJson[];
  readonly log: {
    readonly updates: number;
    readonly bytes: number;
    readonly bytes_max: number;
    readonly segments: number;
  };
  readonly store: {
    /** Keys with a value or a tombstone. */
    readonly entries: number;
    /** Of the file, and of what is in use of it; 0 in memory. */
    readonly bytes: number;
    readonly used_bytes: number;
    readonly dirty_keys: number;
    readonly request_ids: number;
  };
  readonly counters: CountersJson;
  readonly disk_full: boolean;
  readonly faults: readonly FaultRuleJson[];
  /** How far ahead of this node's clock the furthest remote timestamp was, if more than a minute; else 0. */
  readonly clock_skew_ms: number;
}

/** Since the node started. */
export interface CountersJson {
  /** Updates of other nodes delivered. */
  readonly delivered: number;
  /** Updates received that were here already. */
  readonly duplicates: number;
  /** Updates of other nodes shipped on their behalf. */
  readonly relayed: number;
  /** Requests turned away because the node did not keep up. */
  readonly turned_away: number;
  /** Snapshots given to peers, and taken of them. */
  readonly snapshots_given: number;
  readonly snapshots_taken: number;
}
