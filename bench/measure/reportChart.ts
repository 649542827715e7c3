import { chartSvg } from './chart.js';
import type { Bar, Goal, Panel, Report } from './report.js';

/**
 * A report as a picture: a panel for each of its charts, and one for its goals.
 * @param note - what a reader must know of the run
 * @returns undefined if there is nothing to draw
 */
export function reportChart({ name, title, charts = [], goals }: Report, note: string): string | undefined {
  const panels = [
    ...charts.filter(({ bars }) => bars.length > 0),
    ...(goals.length === 0 ? [] : [goalsPanel(goals)]),
  ];
  return panels.length === 0 ? undefined : chartSvg(`${name}: ${title}`, note, panels);
}

/** Goals of any unit on one scale: 1 is the target, and more is better. */
function goalsPanel(goals: readonly Goal[]): Panel {
  return {
    title: 'goals, as a multiple of the target (more is better)',
    unit: 'x',
    bars: goals.map(goalBar).filter(({ high }) => Number.isFinite(high)),
  };
}

function goalBar({ label, bound, target, median, low, high, count }: Goal): Bar {
  const ofTarget = (value: number) => (bound === 'at least' ? value / target : target / value);
  const [least, most] = [ofTarget(low), ofTarget(high)].sort((left, right) => left - right);
  return {
    label,
    isOurs: true,
    target: 1,
    median: ofTarget(median),
    low: least ?? NaN,
    high: most ?? NaN,
    count,
  };
}
