import type { Verdict } from '../check/report.js';
import { reportText } from '../view/check/reportText.js';
import { columns } from '../view/columns.js';
import { formatDuration } from '../view/formatDuration.js';
import type { Paint } from '../view/style.js';
import type { TortureReport } from './tortureReport.js';

/** A clock that is measured to be wrong by less is right: the answer was under way for a while. */
const skewMsShown = 2000;
/** A run is always a little longer than it was to be. */
const lateMsShown = 1000;

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

function headline(report: TortureReport): string {
  const { nodes, clients, durationMs, seed, delivery, protocol, workload, faults } = report;
  const asked = faults.length === 0 ? 'none' : faults.join(',');
  const worked = formatDuration(Math.round(durationMs / 100) * 100);
  return [
    `torture   seed ${seed}   delivery ${delivery}   workload ${workload}${protocol === 'http' ? '' : `   protocol ${protocol}`}`,
    `          ${nodes} nodes, ${clients} ${clients === 1 ? 'client' : 'clients'}, ${worked}`,
    `faults    ${asked}`,
  ].join('\n');
}

type Row = readonly [count: number | string, what: string];

function section(title: string, rows: readonly Row[]): string {
  const text = columns(rows.map(([count, what]) => ['', String(count), what]));
  return `${title}\n${text.trimEnd()}`;
}

function of(count: number, one: string, many: string, rest = ''): Row {
  return [count, `${count === 1 ? one : many}${rest}`];
}

/** What did not happen is not told. */
function survivedRows(report: TortureReport): Row[] {
  const { largestSkewMs, longestGapMs, levelling, durationMs, forMs } = report;
  const rows = [...nemesisRows(report), ...nodeRows(report)].filter(([count]) => count !== 0);
  const late = durationMs - forMs;
  return [
    ...rows,
    ...(largestSkewMs < skewMsShown ? [] : [[ms(largestSkewMs), 'most that a clock was wrong'] as const]),
    [ms(longestGapMs), 'longest time in which no client got an answer'],
    [ms(levelling.tookMs), levelling.isLevel ? 'until all nodes had the same' : 'and the nodes still differ'],
    ...(late < lateMsShown
      ? []
      : [[ms(late), 'more than --for: what a phase began is finished before the next'] as const]),
  ];
}

function nemesisRows({ nemesis }: TortureReport): Row[] {
  const { kills, crashes, pauses, partitions, packets, disksLost, tailsCut } = nemesis;
  const { flipsNoticed, flipsHarmless, incarnations, added, removed, clockSteps } = nemesis;
  return [
    of(kills, 'kill', 'kills', ' (SIGKILL, started again later)'),
    of(crashes, 'crash', 'crashes', ' (SIGKILL, brought back by the supervisor)'),
    of(pauses, 'pause', 'pauses', ` (SIGSTOP), ${formatDuration(nemesis.pausedMs)} in all`),
    of(partitions, 'partition', 'partitions', ' that messages were lost to'),
    of(packets, 'time', 'times', ' that links lost, repeated, reordered or held messages'),
    of(disksLost, 'disk', 'disks', ' lost'),
    of(tailsCut, 'torn end', 'torn ends', ' cut off a log'),
    of(flipsNoticed, 'changed byte', 'changed bytes', ' noticed in a log'),
    of(flipsHarmless, 'changed byte', 'changed bytes', ' in a part of a log that was not needed any more'),
    of(incarnations, 'node', 'nodes', ' that went on as another replica'),
    of(added, 'node', 'nodes', ' added'),
    of(removed, 'node', 'nodes', ' removed'),
    of(clockSteps, 'clock', 'clocks', ' set to another time while the node ran'),
  ];
}

function nodeRows({ counts }: TortureReport): Row[] {
  const delayed = counts.delayed + counts.held;
  return [
    of(counts.dropped, 'message', 'messages', ' lost'),
    of(counts.duplicated, 'message', 'messages', ' sent twice'),
    of(counts.reordered, 'message', 'messages', ' overtaken'),
    of(delayed, 'message', 'messages', ' delayed or held'),
    of(counts.snapshots, 'snapshot', 'snapshots', ' taken of a peer'),
    of(counts.relayed, 'update', 'updates', ' relayed'),
    of(counts.duplicatesIgnored, 'repeated update', 'repeated updates', ' ignored'),
  ];
}

function clientRows({ clientsDid, checked, operationsPerSecond, isFull, otherNames }: TortureReport): Row[] {
  const { operations, indefinite, indefiniteSeen } = checked.coverage;
  const { sessions, moves, retried, deduplicated, twins, sessionsLost } = clientsDid;
  const rate = `, ${operationsPerSecond} a second${isFull ? '; no more can be checked' : ''}`;
  const failures = Object.entries(clientsDid.failures).sort(([, left], [, right]) => right - left);
  const lost = of(sessionsLost, 'session', 'sessions', ' whose past no node has any more');
  const unseen = ` without an answer, ${indefiniteSeen} of them seen to have happened`;
  const otherDot = ` taken by two nodes as one, read ${otherNames} times by the other dot`;
  return [
    of(operations, 'operation', 'operations', rate),
    of(sessions, 'session', 'sessions', `, which moved ${moves} times to another node`),
    ...(sessionsLost === 0 ? [] : [lost]),
    of(indefinite, 'operation', 'operations', unseen),
    of(retried, 'write', 'writes', ' sent again for want of an answer'),
    of(deduplicated, 'repeated write', 'repeated writes', ' known by the request id'),
    of(twins, 'write', 'writes', otherDot),
    ...failures.map(([code, count]) => of(count, 'request', 'requests', ` that failed with ${code}`)),
  ];
}

function verdictLines(report: TortureReport, paint: Paint): string[] {
  const { verdict, reasons, findings, kept, checked } = report;
  // What is no matter of the history is not to be seen in it.
  const isInHistory = checked.verdict === verdict;
  return [
    ...findings.map(({ pattern, explanation }) => `${paint('red', pattern)}: ${explanation}`),
    ...reasons.map((reason) => `unknown: ${reason}`),
    `verdict   ${paintVerdict(verdict, paint)}`,
    ...(kept === null ? [] : [`kept in   ${kept}`]),
    ...(kept === null || !isInHistory ? [] : [`again     kvc check ${kept}/history.ndjson`]),
  ];
}

function paintVerdict(verdict: Verdict, paint: Paint): string {
  return paint(verdict === 'consistent' ? 'green' : verdict === 'violation' ? 'red' : 'yellow', verdict);
}

function ms(value: number): string {
  return value >= 10_000 ? formatDuration(Math.round(value / 1000) * 1000) : `${Math.round(value)}ms`;
}
