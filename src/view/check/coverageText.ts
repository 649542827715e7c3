import type { Coverage } from '../../check/report.js';
import { counted } from './counted.js';

/** Fewer reads than this, or a smaller part of all, that could have missed something are next to none. */
const readsMin = 10;
const partMin = 0.01;

/** How much a history puts to the test, and in plain words where that is little. */
export function coverageText(coverage: Coverage): string[] {
  const { reads, readsAtRisk, readsAtRiskOfOthers, readsUnattributed } = coverage;
  const lines = [
    `${counted(reads, 'read')} and ${counted(coverage.writes, 'write')} of ${counted(coverage.keys, 'key')}`,
    `${readsAtRisk} of the reads had a causally earlier write to miss, ${readsAtRiskOfOthers} of them one of another session`,
  ];
  if (coverage.indefinite > 0) {
    const doubtful = `${counted(coverage.indefinite, 'operation')} may or may not have happened`;
    lines.push(`${doubtful}; reads show that ${coverage.indefiniteSeen} did`);
  }
  if (readsUnattributed > 0) {
    const remedy = 'write every value once, or record wid, of deletes too';
    lines.push(
      `${counted(readsUnattributed, 'read')} may have returned one of several writes or deletes, which proves little: ${remedy}`,
    );
  }
  if (coverage.readsOfSiblings > 0)
    lines.push(`${counted(coverage.readsOfSiblings, 'read')} returned siblings`);
  if (coverage.finalReads > 0) {
    lines.push(`${counted(coverage.finalReads, 'final read')} at ${counted(coverage.replicas, 'replica')}`);
  }
  return lines;
}

/** What a verdict of no violation is worth where it is worth little; undefined where the history is a fair test. */
export function coverageWarning(coverage: Coverage): string | undefined {
  const { reads, readsAtRisk, readsAtRiskOfOthers } = coverage;
  if (readsAtRisk === 0) {
    return (
      'This history proves next to nothing: no read had a causally earlier write that it could have missed, so a store ' +
      'without any guarantee would have passed too.'
    );
  }
  if (reads < readsMin) return `This history proves little, for it has only ${counted(reads, 'read')}.`;
  if (isLittle(readsAtRisk, reads)) {
    return `This history proves little: only ${readsAtRisk} of ${reads} reads could have missed anything.`;
  }
  if (!isLittle(readsAtRiskOfOthers, reads)) return undefined;
  return (
    `This history tests sessions rather than causal order: only ${readsAtRiskOfOthers} of ${reads} reads had an earlier ` +
    'write of another session to miss.'
  );
}

function isLittle(count: number, of: number): boolean {
  return count < readsMin || count < of * partMin;
}
