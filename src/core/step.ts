import type { KvcError } from '../errors.js';
import type { Dot } from './clock/dot.js';
import type { VersionVector } from './clock/versionVector.js';
import type { NodeName, ReplicaId } from './ids.js';
import type { LinkAnswer } from './link.js';
import type { Operation, Update } from './update.js';

/** A driver's name for one client request, unique while the request is open. */
export type RequestNumber = number;

/** A driver's name for one received replication message, unique until it is answered. */
export type MessageNumber = number;

/** What may happen to a replica. */
export type Input =
  /**
   * A client writes. With a context (a session) the write waits until that is delivered here, and depends on exactly
   * it; without one it depends on all that is delivered here.
   */
  | {
      readonly kind: 'write';
      readonly request: RequestNumber;
      readonly operations: readonly Operation[];
      readonly context: VersionVector | undefined;
      readonly deadlineMs: number;
    }
  /** A client wants to read once `context` is delivered here. */
  | {
      readonly kind: 'await';
      readonly request: RequestNumber;
      readonly context: VersionVector;
      readonly deadlineMs: number;
    }
  /** The client is gone: a request that still waits for its context is forgotten. One already accepted goes on. */
  | { readonly kind: 'cancel'; readonly request: RequestNumber }
  | {
      readonly kind: 'receive';
      readonly message: MessageNumber;
      readonly from: ReplicaId;
      readonly clock: VersionVector;
      readonly updates: readonly Update[];
    }
  /** The history is durable up to this sequence number. */
  | { readonly kind: 'persisted'; readonly sequence: number }
  | { readonly kind: 'answered'; readonly peer: NodeName; readonly answer: LinkAnswer }
  | { readonly kind: 'unanswered'; readonly peer: NodeName }
  /** Time has passed: to be given no later than `wakeAtMs`. */
  | { readonly kind: 'tick' };

/**
 * What a driver must do. Effects may be carried out at once and in any order: none is emitted before what it depends on
 * is durable. In particular `written`, `answer` and `ship` name only dots that a `persisted` input has covered, for a dot
 * that left its replica and was then lost in a crash would be given to a second write.
 */
export type Effect =
  /** Make the history durable up to this sequence number, then say so with `persisted`. */
  | { readonly kind: 'persist'; readonly sequence: number }
  | { readonly kind: 'written'; readonly request: RequestNumber; readonly dot: Dot }
  /** The context that an `await` asked for is delivered, and stays so. */
  | { readonly kind: 'ready'; readonly request: RequestNumber }
  /** A write or await that did not happen and will not. */
  | { readonly kind: 'failed'; readonly request: RequestNumber; readonly error: KvcError }
  | { readonly kind: 'answer'; readonly message: MessageNumber; readonly answer: LinkAnswer }
  /** The message was not taken and changed nothing. */
  | { readonly kind: 'refuse'; readonly message: MessageNumber; readonly error: KvcError }
  /**
   * Send the origin's updates `first` to `last` to the peer (none if `last < first`: the peer is asked for its vector),
   * then report `answered` or `unanswered` once.
   */
  | {
      readonly kind: 'ship';
      readonly peer: NodeName;
      readonly origin: ReplicaId;
      readonly first: number;
      readonly last: number;
    };
