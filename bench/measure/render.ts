import { isMet, type Figure, type Goal, type Report, type Unit } from './report.js';

/** A report as aligned text: figures, then goals with their targets, then notes. */
export function renderReport(report: Report): string {
  const rows = [
    ['', 'median', 'low', 'high', 'n', ''],
    ...report.figures.map((figure) => cells(figure, '')),
    ...report.goals.map((goal) => cells(goal, verdict(goal))),
  ];
  const lines = [`\n${report.name}: ${report.title}`, ...align(rows)];
  for (const note of report.notes) lines.push(`  - ${note}`);
  for (const fault of report.faults) lines.push(`  INVALID: ${fault}`);
  return lines.join('\n');
}

function cells(figure: Figure, last: string): string[] {
  const { label, unit, median, low, high, count } = figure;
  return [
    label,
    `${digits(median, unit)} ${unit}`,
    digits(low, unit),
    digits(high, unit),
    String(count),
    last,
  ];
}

function verdict(goal: Goal): string {
  const bound = goal.bound === 'at least' ? '>=' : '<=';
  return `${isMet(goal) ? 'met' : 'NOT MET'} (${bound} ${goal.target} ${goal.unit})`;
}

const decimalsOf: Readonly<Record<Unit, number>> = {
  'req/s': 0,
  'updates/s': 0,
  'MB/s': 1,
  ms: 2,
  us: 1,
  bytes: 1,
  MB: 2,
  x: 2,
  '%': 1,
};

export function digits(value: number, unit: Unit): string {
  const decimals = decimalsOf[unit];
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** The first and the last column to the left, figures to the right. */
function align(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const padded = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `  ${padded.join('  ')}`.trimEnd();
  });
}
