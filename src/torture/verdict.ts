import type { Report, Verdict } from '../check/report.js';
import type { FaultName } from './faultNames.js';
import type { NemesisTally } from './nemesisTally.js';
import type { NodeCounts } from './nodeWitness.js';
import type { Finding } from './tortureReport.js';

/** What must be known to say whether the demanded faults happened. */
export interface Happened {
  readonly faults: readonly FaultName[];
  readonly nemesis: NemesisTally;
  readonly counts: NodeCounts;
  readonly largestSkewMs: number;
}

/** A clock that is measured to be wrong by less may just be a node that was slow to answer. */
const skewMsLeast = 5000;
/** Of the reads, those that had another session's write to miss; and how many there must be at least. */
const riskShareLeast = 0.01;
const riskLeast = 50;

/** Whatever was demanded and did not happen makes a good verdict worthless: then it is unknown. */
export function judge(
  checked: Report,
  findings: readonly Finding[],
  happened: Happened,
): { readonly verdict: Verdict; readonly reasons: readonly string[] } {
  if (checked.verdict === 'violation' || findings.length > 0) return { verdict: 'violation', reasons: [] };
  const reasons = [
    ...happened.faults
      .filter((fault) => !didHappen(fault, happened))
      .map((fault) => `no ${fault} fault could be made to happen; a longer --for gives it more time`),
    ...checked.levels
      .filter(({ isClaimed, verdict }) => isClaimed && verdict === 'unknown')
      .map(({ level, reason }) => `${level}: ${reason ?? 'not decided'}`),
    ...tooLittle(checked),
  ];
  return { verdict: reasons.length > 0 ? 'unknown' : checked.verdict, reasons };
}

function didHappen(fault: FaultName, { nemesis, counts, largestSkewMs }: Happened): boolean {
  switch (fault) {
    case 'kill':
      return nemesis.kills + nemesis.crashes > 0;
    case 'pause':
      return nemesis.pauses > 0;
    case 'partition':
      return nemesis.partitions > 0;
    case 'packet':
      return Math.min(nemesis.packets, counts.dropped, counts.duplicated, counts.reordered) > 0;
    case 'disk':
      return nemesis.disksLost + nemesis.tailsCut + nemesis.flipsNoticed + nemesis.flipsHarmless > 0;
    case 'clock':
      return largestSkewMs >= skewMsLeast;
    case 'membership':
      return nemesis.added + nemesis.removed > 0;
  }
}

function tooLittle({ coverage }: Report): string[] {
  const { reads, readsAtRiskOfOthers } = coverage;
  if (readsAtRiskOfOthers >= Math.max(riskLeast, reads * riskShareLeast)) return [];
  return [
    `only ${readsAtRiskOfOthers} of ${reads} reads could have missed a causally earlier write of another session: too few to prove anything`,
  ];
}
