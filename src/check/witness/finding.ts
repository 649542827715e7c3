import type { CausalGraph } from '../order/causalGraph.js';
import type { DerivedEdges } from '../order/derivedEdges.js';
import type { Step } from '../order/paths.js';

/** How many violations of one level are looked at; one with the smallest witness among them is reported. */
export const findingsMax = 100;

/** One violation, before its witness is made. Nodes are those of `graph`. */
export interface Finding {
  readonly pattern: string;
  readonly graph: CausalGraph;
  /** Who takes part. */
  readonly nodes: readonly number[];
  /** Operations that take part without being in the order: those that failed. */
  readonly operations?: readonly number[];
  /** Pairs of which the first must be before the second for this to be a violation. */
  readonly paths?: readonly Pair[];
  readonly cycle?: readonly Step[];
  /** What `cycle` and `via` use besides causal order. */
  readonly derived?: DerivedEdges;
  /** The derived edges, in their order, over which the only one of `paths` leads. */
  readonly via?: readonly number[];
  readonly misses?: readonly Pair[];
  /** In words, without an end stop. */
  readonly explain: () => string;
}

export type Pair = readonly [from: number, to: number];
