/**
 * The JSON of a node's HTTP API, as it stands on the wire. Names of fields with a unit end in it. A node is named by its
 * replica id (see src/core/ids.ts), which is its plain name unless it has lost its data.
 */

/** `{"node1": 3}`: a version vector. Entries are integers >= 1. */
export type ClockJson = Readonly<Record<string, number>>;

export interface DotJson {
  readonly node: string;
  readonly counter: number;
}

/** A value is text in JSON; bytes that are not UTF-8 travel as base64 and say so. */
export interface ValueJson {
  readonly value: string;
  readonly encoding?: 'base64';
}

/** One version of a key. A deleted one has value null. */
export interface VersionJson {
  readonly value: string | null;
  readonly encoding?: 'base64';
  readonly dot: DotJson;
}

export interface WriteRequestJson extends ValueJson {
  readonly key: string;
}

/** POST /write, PUT and DELETE /kv/KEY. */
export interface WriteResponseJson {
  readonly key: string;
  /** null for a delete. */
  readonly value: string | null;
  readonly encoding?: 'base64';
  readonly dot: DotJson;
  /** What the answering node has delivered, this write included. */
  readonly clock: ClockJson;
  readonly session: string;
}

export type BatchWriteJson =
  (ValueJson & { readonly key: string }) | { readonly key: string; readonly delete: true };

/** POST /batch: one update, visible whole or not at all. */
export interface BatchRequestJson {
  readonly writes: readonly BatchWriteJson[];
}

export interface BatchResponseJson {
  /** In the order of the request. */
  readonly writes: readonly {
    readonly key: string;
    readonly value: string | null;
    readonly encoding?: 'base64';
  }[];
  readonly dot: DotJson;
  readonly clock: ClockJson;
  readonly session: string;
}

/** GET /read?key=K. A key without a value is a 404 whose body has the error and these fields with `dot` and `value` null. */
export interface ReadResponseJson {
  readonly key: string;
  readonly value: string | null;
  readonly encoding?: 'base64';
  /** The dot of the winner; null if the key was never written here. A deleted key has the tombstone's dot. */
  readonly dot: DotJson | null;
  /** The other versions, concurrent with the winner; the winner is not among them. */
  readonly siblings: readonly VersionJson[];
  /** What the answering node has delivered. */
  readonly clock: ClockJson;
  readonly session: string;
}

/** POST /read: all keys as of one instant of the node. */
export interface SnapshotRequestJson {
  readonly keys: readonly string[];
}

export type SnapshotEntryJson = Omit<ReadResponseJson, 'clock' | 'session'>;

export interface SnapshotResponseJson {
  readonly entries: readonly SnapshotEntryJson[];
  readonly clock: ClockJson;
  readonly session: string;
}

/** GET /keys?prefix=&limit=&cursor= */
export interface KeysResponseJson {
  /** Keys that have a value, in the order of their UTF-8 bytes. */
  readonly keys: readonly { readonly key: string; readonly dot: DotJson; readonly siblings: number }[];
  /** Give it back to get the next page; null on the last one. A page may be short, or empty, and not be the last. */
  readonly cursor: string | null;
  readonly clock: ClockJson;
  readonly session: string;
}

/** GET /clock */
export interface ClockResponseJson {
  readonly node: string;
  readonly clock: ClockJson;
}

/** A replicated update in its readable form. */
export interface UpdateJson {
  readonly dot: DotJson;
  /** What must be delivered first; without the update's own node. */
  readonly dependencies: ClockJson;
  /** Hybrid logical timestamp: ms since 1970 times 2048, plus a logical counter. */
  readonly timestamp: number;
  readonly operations: readonly BatchWriteJson[];
  /** The client's name for the write, with a checksum of its content; absent where it gave none. */
  readonly request?: string;
  /** Who joins and leaves by it; absent in all but the few updates that do nothing else. */
  readonly members?: readonly MemberChangeJson[];
}

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

export interface OperationSummaryJson {
  readonly key: string;
  /** At most 64 characters of the value; null for a delete. */
  readonly value: string | null;
}

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

export type PeerStateJson = 'idle' | 'shipping' | 'backing-off';

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
  /** Since the node started. */
  readonly counters: {
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
  };
  readonly disk_full: boolean;
  readonly faults: readonly FaultRuleJson[];
  /** How far ahead of this node's clock the furthest remote timestamp was, if more than a minute; else 0. */
  readonly clock_skew_ms: number;
}

export type DeliveryMode = 'causal' | 'fifo';

/** One rule on one link of the node that holds it (`source`). Rules that one command made share their id. */
export type FaultRuleJson = {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** When the rule ends by itself, in ms since 1970; null: when it is cleared. */
  readonly expires_at_ms: number | null;
  /** 0 to 2^32 - 1: decides all that the rule leaves to chance. */
  readonly seed: number;
} & FaultEffectJson;

/** What a rule does to the messages of its link. `percent` is above 0 and at most 100. */
export type FaultEffectJson =
  /** Each message waits for `delay_ms`, give or take up to `jitter_ms`. */
  | { readonly kind: 'delay'; readonly delay_ms: number; readonly jitter_ms: number }
  /** Messages queue until they are stepped or released. */
  | { readonly kind: 'hold' }
  /** So many messages are lost. */
  | { readonly kind: 'drop'; readonly percent: number }
  /** So many messages are sent twice. */
  | { readonly kind: 'duplicate'; readonly percent: number }
  /** So many messages wait a little, so that later ones overtake them. */
  | { readonly kind: 'reorder'; readonly percent: number }
  /** All messages are lost. */
  | { readonly kind: 'partition' };

export type FaultKind = FaultEffectJson['kind'];

/** GET /faults, and the answer to every change of them. */
export interface FaultsResponseJson {
  readonly node: string;
  readonly faults: readonly FaultRuleJson[];
  /** The links of this node that have a rule or have had a message. */
  readonly links: readonly LinkTrafficJson[];
}

/** What waits on a link, and what became of its messages since the node started. */
export interface LinkTrafficJson extends LinkCountsJson {
  readonly source: string;
  readonly target: string;
  /** How many messages wait now: in the queue of a hold, and for the time that a delay or a reordering gave each. */
  readonly held: number;
  readonly delayed: number;
  /** The dots of the updates that wait, in the order of their departure; at most 16. */
  readonly updates: readonly DotJson[];
  /** Per kind of the rules that stand on the link: on how many messages each has acted since it came into force. */
  readonly acted: { readonly [Kind in FaultKind]?: number };
}

/** How many messages a link was given since the node started, and to how many of them what was done. */
export interface LinkCountsJson {
  readonly messages: number;
  /** Lost, to a drop or to a partition. */
  readonly dropped: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** These two count a second copy as well, and each part of a message that was stepped through. */
  readonly delayed_total: number;
  readonly held_total: number;
}

/** POST /faults: adds rules; one of the same kind on the same link is replaced. `id` and `seed` are made up when absent. */
export interface FaultsRequestJson {
  readonly faults: readonly FaultInputJson[];
}

export type FaultInputJson = {
  readonly id?: string;
  readonly target: string;
  readonly expires_at_ms?: number | null;
  readonly seed?: number;
} & FaultEffectJson;

/** POST /faults/step: lets the first updates that a held link holds back through, one message each. */
export interface StepRequestJson {
  readonly target: string;
  readonly count?: number;
}

export interface StepResponseJson {
  readonly released: readonly DotJson[];
  readonly held: number;
}

/** GET /healthz and /readyz */
export interface HealthResponseJson {
  readonly node: string;
  readonly instance: string;
  readonly cluster_id: string;
  /** joining: it asks the other nodes to admit it. loading: it takes a snapshot from one of them. */
  readonly status: 'starting' | 'joining' | 'loading' | 'ready' | 'closing';
  /** Why it is not ready; null when it is. */
  readonly reason: string | null;
}

/** POST /members/leave: the node hands its data on and leaves; it is to be stopped afterwards. */
export interface LeaveResponseJson {
  readonly node: string;
  readonly replica: string;
  /** The nodes that have all of its updates, made durable. */
  readonly handed_on_to: readonly string[];
}

/** POST /members/remove {node}: removes a node that is dead, or is to be treated as such. */
export interface RemoveMemberResponseJson {
  readonly node: string;
  /** Per replica id of the node: up to which of its updates the remaining nodes that could be heard have them. */
  readonly held: ClockJson;
}

/** GET /members */
export interface MembersResponseJson {
  readonly node: string;
  readonly members: readonly MemberJson[];
}

export interface MemberJson {
  readonly replica: string;
  readonly node: string;
  /** leaving: it has left, and some member may not know yet. */
  readonly state: 'member' | 'leaving' | 'left';
  /** How many updates it has in all; null for a member. */
  readonly final: number | null;
}

/** GET /digest: a checksum of all that clients can read here; nodes with the same updates have the same. */
export interface DigestResponseJson {
  readonly node: string;
  readonly clock: ClockJson;
  readonly digest: string;
  readonly keys: number;
}

/** The body of every answer that is no 2xx. */
export interface ErrorJson {
  readonly error: { readonly code: string; readonly message: string } & Readonly<Record<string, unknown>>;
}
