import { sameBytes } from './bytes.js';
import { formatDot, type Dot } from './clock/dot.js';
import type { HybridTimestamp } from './clock/hybridClock.js';
import { sameVector, type VersionVector } from './clock/versionVector.js';
import type { ReplicaId } from './ids.js';

/** What an update does to one key. What each does to what is concurrent with it is in applyOperations.ts. */
export type Operation =
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly value: Uint8Array;
      /** From when on the value may be made to expire: ms since 1970 by the clock of the update's origin. */
      readonly expiresMs?: number;
    }
  | { readonly kind: 'delete'; readonly key: string }
  /** Changes a counter. `amount` is a safe integer, not 0. */
  | { readonly kind: 'increment'; readonly key: string; readonly amount: number }
  /** Puts a member into a set, or takes it out. */
  | { readonly kind: 'add' | 'remove'; readonly key: string; readonly member: Uint8Array }
  /** The value that the write `dot` left has expired. No client asks for it: replicas do, when its time has come. */
  | { readonly kind: 'expire'; readonly key: string; readonly dot: Dot };

/**
 * What is logged and replicated, one per write or atomic batch. It is never changed once it has a dot.
 */
export interface Update {
  readonly dot: Dot;
  /**
   * What must be delivered before this update. It has no entry for the update's own replica: the origin's earlier
   * updates are always depended on, which the dot's counter already says.
   */
  readonly dependencies: VersionVector;
  readonly timestamp: HybridTimestamp;
  /** Applied in order, visible all at once. At least one, unless the update changes the membership. */
  readonly operations: readonly Operation[];
  /** Absent where the client gave none. Updates that bear the same one are one write, however often it was retried. */
  readonly request?: RequestId;
  /** Absent but in updates that change who belongs to the cluster, which do nothing else. */
  readonly memberChanges?: readonly MemberChange[];
}

/**
 * A client's name for one write, `MS-REST.CONTENT`: when the client made it (13 digits of ms since 1970, so that ids sort
 * by age), what makes it unique, and a checksum of what is written.
 */
export type RequestId = string;

/** A change of who belongs to the cluster, replicated like any write. */
export type MemberChange =
  /** `address` is where its node listens, in the driver's notation. */
  | { readonly kind: 'join'; readonly replica: ReplicaId; readonly address: string }
  /** From where this is delivered on, the replica is not listened to any more. */
  | { readonly kind: 'leave'; readonly replica: ReplicaId }
  /** A replica that left has `counter` updates, all of them delivered at every member: there will never be another. */
  | { readonly kind: 'close'; readonly replica: ReplicaId; readonly counter: number };

/** A change of a set. */
export type SetOperation = Extract<Operation, { kind: 'add' | 'remove' }>;

export function isSetOperation(operation: Operation): operation is SetOperation {
  return operation.kind === 'add' || operation.kind === 'remove';
}

export function isIncrement({ kind }: Operation): boolean {
  return kind === 'increment';
}

/** What is done to each key, in the order in which it is done there. Operations on different keys do not meet. */
export function operationsByKey(
  operations: readonly Operation[],
): Iterable<readonly [key: string, operations: readonly Operation[]]> {
  const [first] = operations;
  if (operations.length === 1 && first !== undefined) return [[first.key, operations]];
  const byKey = new Map<string, Operation[]>();
  for (const operation of operations) {
    const ofKey = byKey.get(operation.key);
    if (ofKey === undefined) byKey.set(operation.key, [operation]);
    else ofKey.push(operation);
  }
  return byKey;
}

/** Bytes of the keys and values of operations, as good as is needed to bound memory. */
export function contentBytes(operations: readonly Operation[]): number {
  let bytes = 0;
  for (const operation of operations) {
    bytes += operation.key.length + payloadOf(operation).length;
  }
  return bytes;
}

/** The bytes that an operation brings: a value or a member. */
export function payloadOf(operation: {
  readonly kind: string;
  readonly value?: Uint8Array;
  readonly member?: Uint8Array;
}): Uint8Array {
  return operation.value ?? operation.member ?? noBytes;
}

/** Whether two updates of one dot have the same content, as they must. */
export function sameUpdate(left: Update, right: Update): boolean {
  return (
    left.timestamp === right.timestamp &&
    sameVector(left.dependencies, right.dependencies) &&
    left.request === right.request &&
    left.operations.length === right.operations.length &&
    left.operations.every((operation, index) => sameOperation(operation, right.operations[index])) &&
    sameChanges(left.memberChanges ?? [], right.memberChanges ?? [])
  );
}

function sameChanges(left: readonly MemberChange[], right: readonly MemberChange[]): boolean {
  return left.length === right.length && left.every((change, index) => sameChange(change, right[index]));
}

function sameChange(left: MemberChange, right: MemberChange | undefined): boolean {
  if (left.replica !== right?.replica || left.kind !== right.kind) return false;
  if (left.kind === 'join') return right.kind === 'join' && left.address === right.address;
  return left.kind === 'leave' || (right.kind === 'close' && left.counter === right.counter);
}

function sameOperation(left: Operation, right: Operation | undefined): boolean {
  if (left.key !== right?.key || left.kind !== right.kind) return false;
  return sameBytes(payloadOf(left), payloadOf(right)) && detailOf(left) === detailOf(right);
}

/** What an operation says besides its kind, key and bytes. */
function detailOf(operation: Operation): number | string | undefined {
  if (operation.kind === 'put') return operation.expiresMs;
  if (operation.kind === 'increment') return operation.amount;
  return operation.kind === 'expire' ? formatDot(operation.dot) : undefined;
}

const noBytes = new Uint8Array();
