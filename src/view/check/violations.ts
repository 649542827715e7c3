import type { Level, Report, Witness } from '../../check/report.js';
import { orderWitness } from './orderWitness.js';

/** Some operations that prove violations, and what they prove. */
export interface Violation {
  /** In the order in which it is shown. */
  readonly witness: Witness;
  readonly proofs: readonly Proof[];
  /** Whether any of the levels is one that is claimed. */
  readonly isClaimed: boolean;
}

export interface Proof {
  readonly explanation: string;
  /** What it is called, and all the levels that it violates by that name. */
  readonly patterns: ReadonlyMap<string, readonly Level[]>;
}

/** The violations of a report, the claimed levels' first; what the same operations prove is together. */
export function violationsOf({ levels }: Report): Violation[] {
  const violations = new Map<string, Violation>();
  for (const { level, isClaimed, anomaly } of levels) {
    if (anomaly === undefined) continue;
    const { witness, pattern, explanation } = anomaly;
    const shown = JSON.stringify([witness.operations.map(({ line }) => line), witness.edges]);
    const known = violations.get(shown);
    violations.set(shown, {
      witness: known?.witness ?? orderWitness(witness),
      proofs: withLevel(known?.proofs ?? [], explanation, pattern, level),
      isClaimed: isClaimed || (known?.isClaimed ?? false),
    });
  }
  return [...violations.values()].sort((left, right) => Number(right.isClaimed) - Number(left.isClaimed));
}

/** `WriteCORead (CC, CCv), FracturedRead (TCC)` */
export function proofTitle({ patterns }: Proof): string {
  return [...patterns].map(([pattern, levels]) => `${pattern} (${levels.join(', ')})`).join(', ');
}

function withLevel(proofs: readonly Proof[], explanation: string, pattern: string, level: Level): Proof[] {
  const known = proofs.find((proof) => proof.explanation === explanation);
  const levels = [...(known?.patterns.get(pattern) ?? []), level];
  const proof = { explanation, patterns: new Map(known?.patterns).set(pattern, levels) };
  return known === undefined ? [...proofs, proof] : proofs.map((each) => (each === known ? proof : each));
}
