import type { KvcError } from '../errors.js';
import type { Dot } from './clock/dot.js';
import type { Condition } from './condition.js';
import type { VersionVector } from './clock/versionVector.js';
import type { NodeName, ReplicaId } from './ids.js';
import type { LinkAnswer } from './link.js';
import type { Operation, RequestId, Update } from './update.js';
import type { Versions } from './versions.js';

/** A driver's name for one client request, the same as no other one's while the request is open: a number, or an object. */
export type RequestName = number | object;

/** A driver's name for one received replication message, unique until it is answered. */
export type MessageNumber = number;

/** A client's request that is answered by its deadline, if only with an error. */
export interface TimedRequest {
  readonly request: RequestName;
  readonly deadlineMs: number;
}

/** What one replica sends to another: updates, or none, and what it knows of itself. */
export interface Message {
  readonly from: ReplicaId;
  /** The sender's durable vector. */
  readonly clock: VersionVector;
  /** The nodes that the sender cannot reach. */
  readonly unreached: readonly NodeName[];
  /** The receiver lacks updates that the sender's log no longer holds: it is to take a snapshot. */
  readonly offersSnapshot: boolean;
  readonly updates: readonly Update[];
}

/** What one update changed at a replica, in the moment in which it was delivered. */
export interface AppliedUpdate {
  readonly update: Update;
  readonly changes: readonly KeyChange[];
}

export interface KeyChange {
  readonly key: string;
  readonly before: Versions;
  readonly after: Versions;
}

/** What may happen to a replica. */
export type Input =
  /**
   * A client writes. With a context (a session) the write waits until that is delivered here, and depends on exactly
   * it; without one it depends on all that is delivered here. The deadline is for both, the context and to become durable.
   */
  | ({
      readonly kind: 'write';
      readonly operations: readonly Operation[];
      readonly context: VersionVector | undefined;
      /** The client's name for the write: one that was delivered before, here or elsewhere, is not done again. */
      readonly requestId?: RequestId | undefined;
      /** How many replicas must have made it durable before it is `written`; by default this one. */
      readonly replicas?: number | undefined;
      /** What must hold of its keys here, or it is refused; a write that was done before is not judged again. */
      readonly condition?: Condition | undefined;
      /** Whether its client wants to know what it changed here. */
      readonly tellsChanges?: boolean;
    } & TimedRequest)
  /** A client wants to read once `context` is delivered here. */
  | ({ readonly kind: 'await'; readonly context: VersionVector } & TimedRequest)
  /** A client wants to know when a write that was done is durable at so many replicas: `written`, or KVC_E_NOT_DURABLE. */
  | ({ readonly kind: 'confirm'; readonly dot: Dot; readonly replicas: number } & TimedRequest)
  /** The client is gone: a request that still waits for its context, or for copies, is forgotten. A write already accepted goes on. */
  | { readonly kind: 'cancel'; readonly request: RequestName }
  | ({ readonly kind: 'receive'; readonly message: MessageNumber } & Message)
  /** The history is durable up to this sequence number. */
  | { readonly kind: 'persisted'; readonly sequence: number }
  /** `peer` is the one that was addressed. */
  | { readonly kind: 'answered'; readonly peer: ReplicaId; readonly answer: LinkAnswer }
  | { readonly kind: 'unanswered'; readonly peer: ReplicaId }
  /** A peer did not take a message because it does not know this replica: it has not delivered yet that this one joined. */
  | { readonly kind: 'unknown'; readonly peer: ReplicaId }
  /** A peer did not take a message because this replica has left, as far as the peer knows. */
  | { readonly kind: 'fenced'; readonly peer: ReplicaId }
  /**
   * A node asks to belong to the cluster, as a replica that has no update yet; it takes the place of what its node was
   * before. `written` when that is durable here and at another member, unless this one is alone: from then on a snapshot of
   * this replica contains it. KVC_E_NOT_READY where this replica reaches no other member: another one is to be asked.
   */
  | ({ readonly kind: 'admit'; readonly replica: ReplicaId; readonly address: string } & TimedRequest)
  /**
   * This replica is to leave: `written` when another one has all that it has. It takes no write any more. If it is opened
   * anew before that it goes on with it, and halts when it is done.
   */
  | ({ readonly kind: 'leave' } & TimedRequest)
  /** A node is gone for good: its replicas leave. */
  | ({ readonly kind: 'remove'; readonly node: NodeName } & TimedRequest)
  /** Keys that hold tombstones, found by a search through all keys. */
  | { readonly kind: 'found'; readonly keys: readonly string[] }
  /** Time has passed: to be given no later than `wakeAtMs`. */
  | { readonly kind: 'tick' }
  /** What has happened at once, in this order: what is done once in a step is done once for all of it. */
  | { readonly kind: 'several'; readonly inputs: readonly Input[] };

/**
 * What a driver must do. Effects may be carried out at once and in any order: none is emitted before what it depends on
 * is durable. In particular `written`, `answer` and `ship` name only dots that a `persisted` input has covered, for a dot
 * that left its replica and was then lost in a crash would be given to a second write.
 */
export type Effect =
  /** Make the history durable up to this sequence number, then say so with `persisted`. */
  | {
      readonly kind: 'persist';
      readonly sequence: number;
      /** How many updates of this replica are new in it: until then its clients cannot see them. What is received is visible already. */
      readonly own: number;
    }
  | {
      readonly kind: 'written';
      readonly request: RequestName;
      readonly dot: Dot;
      /** Absent where it was not asked for, where the write was done before, and where more replicas were waited for. */
      readonly applied?: AppliedUpdate;
    }
  /** The context that an `await` asked for is delivered, and stays so. */
  | { readonly kind: 'ready'; readonly request: RequestName }
  /** A write or await that did not happen and will not. */
  | { readonly kind: 'failed'; readonly request: RequestName; readonly error: KvcError }
  | { readonly kind: 'answer'; readonly message: MessageNumber; readonly answer: LinkAnswer }
  /** The message was not taken and changed nothing. */
  | { readonly kind: 'refuse'; readonly message: MessageNumber; readonly error: KvcError }
  /**
   * Send the origin's updates `first` to `last` to the peer (none if `last < first`: the peer is asked for its vector),
   * then report `answered`, `unanswered`, `unknown` or `fenced` once.
   */
  | {
      readonly kind: 'ship';
      readonly peer: ReplicaId;
      readonly origin: ReplicaId;
      readonly first: number;
      readonly last: number;
      /** Tell the peer that it lacks what the log no longer holds. */
      readonly offersSnapshot: boolean;
    }
  /** This replica lacks updates that this peer's log no longer holds: take a snapshot of it. */
  | { readonly kind: 'behind'; readonly peer: ReplicaId }
  /** This replica must not go on: it has left the cluster, or its history was set back. Nothing follows. */
  | { readonly kind: 'halt'; readonly error: KvcError };
