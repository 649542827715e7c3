import type { HistoryLine } from '../check/historyLine.js';
import { plainPaint } from '../view/style.js';
import { violationsOf } from '../view/check/violations.js';
import { witnessSvg } from '../view/check/witnessSvg.js';
import { Evidence } from './evidence.js';
import type { Schedule } from './schedule.js';
import type { TortureCluster } from './tortureCluster.js';
import type { TortureReport } from './tortureReport.js';
import { tortureText } from './tortureText.js';
import type { TraceLine } from './trace.js';

export interface RunFacts {
  readonly lines: readonly HistoryLine[];
  readonly trace: readonly TraceLine[];
  readonly schedule: Schedule;
  readonly cluster: TortureCluster;
}

/**
 * Writes down what explains a verdict: always where it was asked for, else if the run was not consistent.
 * @returns the report, with where it is
 */
export function keepEvidence(
  report: TortureReport,
  facts: RunFacts,
  wanted: string | undefined,
): TortureReport {
  if (wanted === undefined && report.verdict === 'consistent') return report;
  const evidence = Evidence.open(wanted, report.seed);
  const kept = { ...report, kept: evidence.dir };
  evidence.writeHistory('history.ndjson', facts.lines);
  evidence.writeLines('trace.ndjson', facts.trace);
  evidence.write('schedule.json', `${JSON.stringify(facts.schedule, null, 2)}\n`);
  const [violation] = violationsOf(report.checked).filter(({ isClaimed }) => isClaimed);
  if (violation !== undefined) evidence.write('violation.svg', witnessSvg(violation));
  evidence.write('report.txt', tortureText(kept, plainPaint));
  evidence.write('report.json', `${JSON.stringify(kept, null, 2)}\n`);
  facts.cluster.copyLogs(evidence.path('logs'));
  return kept;
}
