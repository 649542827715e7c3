import type { ReplicaId } from '../ids.js';

/**
 * The name of exactly one write: the `counter`-th update accepted by `replica`.
 * Invariant: `counter` is a safe integer >= 1.
 */
export interface Dot {
  readonly replica: ReplicaId;
  readonly counter: number;
}

/** `node1:7`, the way a dot is shown to people. */
export function formatDot(dot: Dot): string {
  return `${dot.replica}:${dot.counter}`;
}

export function sameDot(left: Dot, right: Dot): boolean {
  return left.counter === right.counter && left.replica === right.replica;
}

/** By replica id, then by counter. */
export function compareDots(left: Dot, right: Dot): number {
  if (left.replica === right.replica) return left.counter - right.counter;
  return left.replica < right.replica ? -1 : 1;
}

/** The dots of `left`, then those that only `right` has; `left` itself if there are none. */
export function unionOfDots(left: readonly Dot[], right: readonly Dot[]): readonly Dot[] {
  const added = right.filter((dot) => !left.some((known) => sameDot(known, dot)));
  return added.length === 0 ? left : [...left, ...added];
}
