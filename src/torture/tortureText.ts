import type { Verdict } from '../check/report.js';
import { reportText } from '../view/check/reportText.js';
import { columns } from '../view/columns.js';
import { formatDuration } from '../view/formatDuration.js';
import type { Paint } from '../view/style.js';
import type { TortureReport } from './tortureReport.js';

/** A report for people, with the counterexample if there is one. */
export function tortureText(report: TortureReport, paint: Paint): string {
  const parts = [
    headline(report),
    section('survived', survivedRows(report)),
    section('clients', clientRows(report)),
    '',
    reportText(report.checked, `what clients saw, checked in ${ms(report.checkMs)}`, paint),
    '',
    ...verdictLines(report, paint),
  ];
  return `${parts.join('\n')}\n`;
}

function headline({ nodes, clients, durationMs, seed, delivery, workload, faults }: TortureReport): string {
  const asked = faults.length === 0 ? 'no faults' : faults.join(',');
  const what = `${nodes} nodes, ${clients} clients, workload ${workload}, ${formatDuration(Math.round(durationMs / 100) * 100)}`;
  return `torture   seed ${seed}   delivery ${delivery}   ${what}\nfaults    ${asked}`;
}

type Row = readonly [count: number | string, what: string];

function section(title: string, rows: readonly Row[]): string {
  const text = columns(rows.map(([count, what]) => ['', String(count), what]));
  return `${title}\n${text.trimEnd()}`;
}

/** What did not happen is not told. */
function survivedRows({ nemesis, counts, largestSkewMs, longestGapMs, levelling }: TortureReport): Row[] {
  const rows: Row[] = [
    [nemesis.kills, 'kills (SIGKILL, started again later)'],
    [nemesis.crashes, 'crashes (SIGKILL, brought back by the supervisor)'],
    [nemesis.pauses, `pauses (SIGSTOP), ${formatDuration(nemesis.pausedMs)} in all`],
    [nemesis.partitions, 'partitions'],
    [counts.dropped, 'messages lost'],
    [counts.duplicated, 'messages sent twice'],
    [counts.reordered, 'messages overtaken'],
    [counts.delayed + counts.held, 'messages delayed or held'],
    [nemesis.disksLost, 'disks lost'],
    [nemesis.tailsCut, 'torn ends cut off logs'],
    [nemesis.flipsNoticed, 'changed bytes noticed in logs'],
    [nemesis.flipsHarmless, 'changed bytes in logs where they did not matter'],
    [nemesis.incarnations, 'nodes that went on as another replica'],
    [counts.snapshots, 'snapshots taken of a peer'],
    [nemesis.added, 'nodes added'],
    [nemesis.removed, 'nodes removed'],
    [nemesis.clockSteps, 'clocks set to another time'],
    [counts.relayed, 'updates relayed'],
    [counts.duplicatesIgnored, 'repeated updates ignored'],
  ];
  return [
    ...rows.filter(([count]) => count !== 0),
    [ms(largestSkewMs), 'off was the clock that was most wrong'],
    [ms(longestGapMs), 'was the longest time without an answer to any client'],
    [ms(levelling.tookMs), levelling.isLevel ? 'until all nodes had the same' : 'and the nodes still differ'],
  ];
}

function clientRows({ clientsDid, checked, operationsPerSecond, isFull, otherNames }: TortureReport): Row[] {
  const { coverage } = checked;
  const rows: Row[] = [
    [
      coverage.operations,
      `operations, ${operationsPerSecond} a second${isFull ? '; no more can be checked' : ''}`,
    ],
    [clientsDid.sessions, `sessions, which moved ${clientsDid.moves} times to another node`],
    [
      coverage.indefinite,
      `operations without an answer, ${coverage.indefiniteSeen} of them seen to have happened`,
    ],
    [clientsDid.retried, 'writes sent again for want of an answer'],
    [clientsDid.deduplicated, 'repeated writes known by their request id'],
    [clientsDid.twins, `writes taken by two nodes as one, read ${otherNames} times by their other dot`],
  ];
  const failures = Object.entries(clientsDid.failures).map(([code, count]): Row => [count, code]);
  return [...rows, ...failures];
}

function verdictLines({ verdict, reasons, findings, kept }: TortureReport, paint: Paint): string[] {
  return [
    ...findings.map(({ pattern, explanation }) => `${paint('red', pattern)}: ${explanation}`),
    ...reasons.map((reason) => `unknown: ${reason}`),
    `verdict   ${paintVerdict(verdict, paint)}`,
    ...(kept === null ? [] : [`kept in   ${kept}`, `again     kvc check ${kept}/history.ndjson`]),
  ];
}

function paintVerdict(verdict: Verdict, paint: Paint): string {
  return paint(verdict === 'consistent' ? 'green' : verdict === 'violation' ? 'red' : 'yellow', verdict);
}

function ms(value: number): string {
  return value >= 10_000 ? formatDuration(Math.round(value / 1000) * 1000) : `${Math.round(value)}ms`;
}
