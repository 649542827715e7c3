import type { Dot } from './clock/dot.js';
import type { HybridTimestamp } from './clock/hybridClock.js';
import { compareVectors, type VersionVector } from './clock/versionVector.js';

export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly key: string };

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
  /** At least one. Applied in order, visible all at once. */
  readonly operations: readonly Operation[];
}

/** Bytes of the keys and values of operations, as good as is needed to bound memory. */
export function contentBytes(operations: readonly Operation[]): number {
  let bytes = 0;
  for (const operation of operations) {
    bytes += operation.key.length + (operation.kind === 'put' ? operation.value.length : 0);
  }
  return bytes;
}

/** Whether two updates of one dot have the same content, as they must. */
export function sameUpdate(left: Update, right: Update): boolean {
  return (
    left.timestamp === right.timestamp &&
    compareVectors(left.dependencies, right.dependencies) === 'equal' &&
    left.operations.length === right.operations.length &&
    left.operations.every((operation, index) => sameOperation(operation, right.operations[index]))
  );
}

function sameOperation(left: Operation, right: Operation | undefined): boolean {
  if (left.key !== right?.key) return false;
  if (left.kind === 'delete' || right.kind === 'delete') return left.kind === right.kind;
  return (
    left.value.length === right.value.length && left.value.every((byte, index) => byte === right.value[index])
  );
}
