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
