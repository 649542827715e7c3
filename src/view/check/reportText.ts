import type { LevelVerdict, Report, Verdict } from '../../check/report.js';
import { columns } from '../columns.js';
import { printable } from '../printable.js';
import type { Paint, Style } from '../style.js';
import { wrap } from '../wrap.js';
import { counted } from './counted.js';
import { coverageText, coverageWarning } from './coverageText.js';
import { proseLines, reasonText } from './shortText.js';
import { proofTitle, violationsOf, type Violation } from './violations.js';
import { witnessDiagram } from './witnessDiagram.js';
import { witnessText } from './witnessText.js';

const proseWidth = 100;
const verdictStyles: Readonly<Record<Verdict, Style>> = {
  consistent: 'green',
  violation: 'red',
  unknown: 'yellow',
};

/**
 * The verdict on a history for people: the verdict, each level, the proof of each violation of what is claimed, and how
 * much the history can prove at all.
 * @param name - of the history
 */
export function reportText(report: Report, name: string, paint: Paint): string {
  const { verdict, coverage, levels } = report;
  const violations = violationsOf(report).filter(({ isClaimed }) => isClaimed);
  const warning = verdict === 'violation' ? undefined : coverageWarning(coverage);
  const size = `${counted(coverage.operations, 'operation')} of ${counted(coverage.sessions, 'session')}`;
  return [
    `${paint('bold', paint(verdictStyles[verdict], verdict))}  ${printable(name)}: ${size}`,
    '',
    ...levelLines(levels, paint),
    ...violations.flatMap((violation) => ['', ...violationLines(violation, paint)]),
    '',
    ...coverageText(coverage),
    ...(warning === undefined ? [] : ['', ...wrap(warning, proseWidth).map((line) => paint('yellow', line))]),
  ].join('\n');
}

/** Styles are put on whole lines of the table, whose columns are laid out without them. */
function levelLines(levels: readonly LevelVerdict[], paint: Paint): string[] {
  const rows = levels.map((each, index) => [
    each.isClaimed ? each.level : `${each.level} (not claimed)`,
    each.verdict,
    each.anomaly?.pattern ?? reasonCell(each.reason, levels[index - 1]?.reason),
  ]);
  const [heading = '', ...lines] = columns([['LEVEL', 'VERDICT', 'PATTERN'], ...rows]).split('\n');
  const styled = lines.map((line, index) => {
    const level = levels[index];
    if (level === undefined || level.verdict === 'consistent') return line;
    return level.isClaimed ? paint(verdictStyles[level.verdict], line) : paint('dim', line);
  });
  return [heading, ...styled];
}

function reasonCell(reason: string | undefined, above: string | undefined): string {
  if (reason === undefined) return '';
  return reason === above ? 'as above' : reasonText(reason);
}

function violationLines({ witness, proofs }: Violation, paint: Paint): string[] {
  return [
    ...proofs.flatMap((proof) => [
      paint('bold', proofTitle(proof)),
      ...proseLines(proof.explanation, proseWidth),
      '',
    ]),
    ...witnessText(witness).map((line) => `  ${line}`),
    '',
    ...witnessDiagram(witness, paint),
  ];
}
