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
  readonly pattern: string;
  readonly explanation: string;
  /** All that it violates. */
  readonly levels: readonly Level[];
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
      proofs: withLevel(known?.proofs ?? [], { pattern, explanation, levels: [level] }),
      isClaimed: isClaimed || (known?.isClaimed ?? false),
    });
  }
  return [...violations.values()].sort((left, right) => Number(right.isClaimed) - Number(left.isClaimed));
}

/** `WriteCORead (CC, CCv)` */
export function proofTitle({ pattern, levels }: Proof): string {
  return `${pattern} (${levels.join(', ')})`;
}

function withLevel(proofs: readonly Proof[], { pattern, explanation, levels }: Proof): Proof[] {
  const isSame = (proof: Proof) => proof.pattern === pattern && proof.explanation === explanation;
  if (!proofs.some(isSame)) return [...proofs, { pattern, explanation, levels }];
  return proofs.map((proof) => (isSame(proof) ? { ...proof, levels: [...proof.levels, ...levels] } : proof));
}
