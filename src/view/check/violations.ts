import type { Anomaly, Level, Report } from '../../check/report.js';
import { orderWitness } from './orderWitness.js';

/** One proof, and all the levels that it violates. */
export interface Violation {
  readonly levels: readonly Level[];
  readonly isClaimed: boolean;
  /** Its witness is in the order in which it is shown. */
  readonly anomaly: Anomaly;
}

/** The violations of a report, the claimed levels' first; levels that share a proof are one. */
export function violationsOf({ levels }: Report): Violation[] {
  const violations = new Map<string, Violation>();
  for (const { level, isClaimed, anomaly } of levels.toSorted(claimedFirst)) {
    if (anomaly === undefined) continue;
    const lines = anomaly.witness.operations.map(({ line }) => line);
    const proof = JSON.stringify([isClaimed, anomaly.pattern, anomaly.explanation, lines]);
    const known = violations.get(proof);
    const witness = known?.anomaly.witness ?? orderWitness(anomaly.witness);
    violations.set(proof, {
      levels: [...(known?.levels ?? []), level],
      isClaimed,
      anomaly: { ...anomaly, witness },
    });
  }
  return [...violations.values()];
}

function claimedFirst(left: { isClaimed: boolean }, right: { isClaimed: boolean }): number {
  return Number(right.isClaimed) - Number(left.isClaimed);
}
