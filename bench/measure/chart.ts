import { escapeXml } from '../../src/view/check/svgText.js';
import { digits } from './render.js';
import type { Bar, Panel, Unit } from './report.js';

const width = 860;
const margin = 20;
const labelWidth = 330;
const valueWidth = 110;
const barWidth = width - 2 * margin - labelWidth - valueWidth;
const rowHeight = 24;
const barHeight = 14;
const capHeight = 6;
const panelHeadHeight = 40;
const headHeight = 46;

/** Readable on light and dark ground, as its frame is. */
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2933; }
  .heading { font-size: 15px; font-weight: 600; }
  .title { font-weight: 600; }
  .label { text-anchor: end; }
  .note { fill: #52606d; }
  .ground { fill: #ffffff; }
  .ours { fill: #2563a8; }
  .theirs { fill: #a9b6c4; }
  .spread { stroke: #1f2933; stroke-width: 1.5; }
  .target { stroke: #b3261e; stroke-width: 2; stroke-dasharray: 4 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e4e7eb; }
    .note { fill: #9aa5b1; }
    .ground { fill: #16191d; }
    .ours { fill: #6aa5e3; }
    .theirs { fill: #55606c; }
    .spread { stroke: #e4e7eb; }
    .target { stroke: #ff8a80; }
  }`;

/** The panels of one section as a picture that needs nothing else: no script, no font, no link. */
export function chartSvg(heading: string, note: string, panels: readonly Panel[]): string {
  let top = headHeight;
  const parts: string[] = [];
  for (const panel of panels) {
    parts.push(...panelParts(panel, top));
    top += panelHeadHeight + panel.bars.length * rowHeight;
  }
  const height = top + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(heading)}</title><style>${style}\n</style>`,
    '<rect class="ground" width="100%" height="100%"/>',
    text(margin, 26, heading, 'heading'),
    text(margin, 46, note, 'note'),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function panelParts({ title, unit, bars }: Panel, top: number): string[] {
  const most = Math.max(...bars.map(({ high, target }) => Math.max(high, target ?? 0)));
  const scale = (value: number): number => (most > 0 ? (value / most) * barWidth : 0);
  const rows = bars.flatMap((bar, index) =>
    barParts(bar, unit, top + panelHeadHeight + index * rowHeight, scale),
  );
  return [text(margin, top + panelHeadHeight - 8, `${title}, ${unit}`, 'title'), ...rows];
}

function barParts(bar: Bar, unit: Unit, top: number, scale: (value: number) => number): string[] {
  const left = margin + labelWidth;
  const middle = top + rowHeight / 2;
  const [low, high] = [left + scale(bar.low), left + scale(bar.high)];
  const y = middle - barHeight / 2;
  const name = bar.isOurs ? 'ours' : 'theirs';
  return [
    text(left - 8, middle + 4, bar.label, 'label'),
    `<rect class="${name}" x="${left}" y="${y}" width="${px(scale(bar.median))}" height="${barHeight}"/>`,
    line(low, middle, high, middle, 'spread'),
    ...[low, high].map((x) => line(x, middle - capHeight / 2, x, middle + capHeight / 2, 'spread')),
    ...(bar.target === undefined ? [] : [targetMark(left + scale(bar.target), top)]),
    text(left + barWidth + 10, middle + 4, digits(bar.median, unit), 'value'),
  ];
}

function targetMark(x: number, top: number): string {
  return line(x, top + 2, x, top + rowHeight - 2, 'target');
}

function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return `<line class="${name}" x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`;
}

function text(x: number, y: number, content: string, name: string): string {
  return `<text class="${name}" x="${px(x)}" y="${px(y)}">${escapeXml(content)}</text>`;
}

function px(value: number): string {
  return value.toFixed(1);
}
