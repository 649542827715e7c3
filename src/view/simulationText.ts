import { faultKinds, marks } from '../simulate/happenings.js';
import type { Failure, SimulationReport } from '../simulate/report.js';
import { columns } from './columns.js';
import type { Paint } from './style.js';
import { wrap } from './wrap.js';

/** Further lines are indented. */
const width = 80;

/** What was exercised in many runs, what came of it, and of a failure how to see it again. */
export function simulationText(report: SimulationReport, paint: Paint): string {
  const { failure } = report;
  return [
    paint('bold', 'faults'),
    counted(faultKinds, report),
    '',
    paint('bold', 'must sometimes happen'),
    counted(marks, report),
    '',
    ...(failure === null ? [] : [failureText(failure, paint), '']),
    verdictText(report, paint),
  ].join('\n');
}

/** In two columns. */
function counted(
  kinds: readonly (keyof SimulationReport['happened'])[],
  { happened }: SimulationReport,
): string {
  const half = Math.ceil(kinds.length / 2);
  const cells = kinds.map((kind) => [`  ${kind}`, happened[kind].toLocaleString('en')]);
  return columns(cells.slice(0, half).map((cell, index) => [...cell, ...(cells[half + index] ?? [])]));
}

function failureText(failure: Failure, paint: Paint): string {
  const { seed, violations, steps, steps_total, shrunk_violations, trace, replay, replay_shrunk } = failure;
  return [
    paint('red', listed(`seed ${seed}: ${violations[0] ?? 'it failed'}`)),
    `  ${replay}`,
    '',
    `${steps.length} of its ${steps_total} steps are enough:`,
    ...steps.map(({ position, text }) => listed(`  ${position}  ${text}`)),
    listed(`then ${shrunk_violations[0] ?? 'nothing is wrong'}`),
    `  ${replay_shrunk}`,
    '',
    'what happened before, in ms of virtual time:',
    ...trace.map((line) => `  ${line}`),
  ].join('\n');
}

/** Broken where a line is too long for a terminal. */
function listed(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => wrap(line, width, 'listing'))
    .join('\n');
}

function verdictText(report: SimulationReport, paint: Paint): string {
  const { verdict } = report;
  const ink = { consistent: 'green', violation: 'red', unknown: 'yellow' } as const;
  return listed(`${verdict}: ${playedText(report)}`).replace(verdict, paint(ink[verdict], verdict));
}

function playedText({
  verdict,
  delivery,
  runs,
  first_seed,
  steps,
  missing,
  stopped,
}: SimulationReport): string {
  const seeds = runs === 1 ? `seed ${first_seed}` : `seeds ${first_seed} to ${first_seed + runs - 1}`;
  const what = `${runs.toLocaleString('en')} ${runs === 1 ? 'run' : 'runs'} (${seeds}), ${steps.toLocaleString('en')} steps, delivery ${delivery}`;
  if (verdict !== 'unknown') return what;
  if (runs === 0) return 'stopped before any run had ended';
  const why = stopped ? 'stopped before the end' : `never happened: ${missing.join(', ')}`;
  return `nothing was wrong in ${what}; ${why}`;
}
