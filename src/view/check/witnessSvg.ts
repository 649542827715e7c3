import type { Operation } from '../../check/history.js';
import type { Witness } from '../../check/report.js';
import { arrowMeanings, isArrow, type ArrowKind } from './edgeText.js';
import { isWrite, operationText } from './operationText.js';
import { proseLines, shortText } from './shortText.js';
import { escapeXml, svgText } from './svgText.js';
import { svgStyle } from './svgStyle.js';
import { type Proof, proofTitle, type Violation } from './violations.js';

/** What one drawing shows at most; it says what it left out. */
const operationsMax = 60;
const sessionsMax = 16;

const margin = 24;
const characterWidth = 7.8;
const lineHeight = 18;
const rowHeight = 40;
const dotRadius = 6;
const textWidthMin = 80;

interface Layout {
  readonly operations: readonly Operation[];
  readonly sessions: readonly string[];
  readonly columns: readonly number[];
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The proof of a violation as a picture that needs nothing else: no script, no font, no link; readable on light and dark
 * ground. A witness that is too large is drawn in part, and the picture says so.
 */
export function witnessSvg({ witness, proofs }: Violation): string {
  const shown = cut(witness);
  const note = noteOn(witness, shown);
  const arrows = shown.edges.filter(isArrow);
  const kinds = [...new Set(arrows.map(({ kind }) => kind))];
  const { columns, width } = placeColumns(shown.operations);
  const heading = headingOf(proofs, Math.floor((width - 2 * margin) / characterWidth));
  const top = margin + lineHeight * (heading.length + 2);
  const bottom = top + rowHeight * shown.operations.length + lineHeight;
  const height = bottom + lineHeight * (kinds.length + (note === undefined ? 0 : 1)) + margin;
  const layout = {
    operations: shown.operations,
    sessions: sessionsOf(shown.operations),
    columns,
    top,
    width,
    height,
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(proofs.map(proofTitle).join(', '))}</title><style>${svgStyle}\n</style>`,
    `<defs>${kinds.map(arrowHead).join('')}</defs><rect class="ground" width="100%" height="100%"/>`,
    ...heading.map(([line, className], index) =>
      svgText(margin, margin + 10 + lineHeight * index, line, className),
    ),
    ...lifelines(layout),
    ...arrows.map(({ from, to, kind }) => arrow(layout, from, to, kind)),
    ...shown.operations.map((operation, index) => {
      const isWrong = arrows.some(({ to, kind }) => to === index && kind === 'misses');
      return mark(layout, operation, index, isWrong);
    }),
    ...kinds.flatMap((kind, index) => legend(kind, bottom + lineHeight * index + 8)),
    ...(note === undefined ? [] : [svgText(margin, bottom + lineHeight * kinds.length + 8, note, 'faint')]),
    '</svg>',
    '',
  ].join('\n');
}

/** Lines with their classes: of each proof its pattern and the levels, then the explanation. */
function headingOf(proofs: readonly Proof[], lineLength: number): [line: string, className: string][] {
  return proofs.flatMap((proof): [string, string][] => [
    [proofTitle(proof), 'title'],
    ...proseLines(proof.explanation, lineLength).map((line): [string, string] => [line, '']),
  ]);
}

function cut(witness: Witness): Witness {
  const sessions = new Set(sessionsOf(witness.operations).slice(0, sessionsMax));
  const kept = [...witness.operations.entries()]
    .filter(([, { session }]) => sessions.has(session))
    .slice(0, operationsMax);
  const place = new Map(kept.map(([index], at) => [index, at]));
  const edges = witness.edges.flatMap(({ from, to, kind }) => {
    const [source, target] = [place.get(from), place.get(to)];
    return source === undefined || target === undefined ? [] : [{ from: source, to: target, kind }];
  });
  return { operations: kept.map(([, operation]) => operation), edges };
}

function noteOn({ operations }: Witness, shown: Witness): string | undefined {
  const more = operations.length - shown.operations.length;
  return more === 0
    ? undefined
    : `${more} of ${operations.length} operations are not drawn; kvc check --json has them all`;
}

function placeColumns(operations: readonly Operation[]): { columns: number[]; width: number } {
  let x = margin + 56;
  const columns = sessionsOf(operations).map((session) => {
    const column = x;
    const labels = operations.filter((each) => each.session === session).map(operationText);
    const longest = Math.max(...[shortText(session), ...labels].map(({ length }) => length));
    x += longest * characterWidth + 70;
    return column;
  });
  return { columns, width: Math.ceil(Math.max(x, textWidthMin * characterWidth + 2 * margin)) };
}

function lifelines({ sessions, columns, top, operations }: Layout): string[] {
  const bottom = top + rowHeight * operations.length;
  return sessions.flatMap((session, index) => {
    const x = columns[index] ?? 0;
    return [
      svgText(x - dotRadius, top - lineHeight, shortText(session), 'title'),
      `<line class="life" x1="${x}" y1="${top - 10}" x2="${x}" y2="${bottom}"/>`,
    ];
  });
}

function mark(layout: Layout, operation: Operation, index: number, isWrong: boolean): string {
  const { x, y } = placeOf(layout, index);
  const kind = isWrite(operation) ? 'write' : 'read';
  return [
    svgText(margin - 8, y + 4, String(index + 1), 'faint'),
    `<circle class="${kind}" cx="${x}" cy="${y}" r="${dotRadius}"/>`,
    // Above the height at which arrows come and go.
    svgText(x + 10, y - 7, operationText(operation), isWrong ? 'label wrong' : 'label'),
  ].join('');
}

/** Into another session an arrow comes from the side on which its start is; within one it bows to the left. */
function arrow(layout: Layout, from: number, to: number, kind: ArrowKind): string {
  const [start, end] = [placeOf(layout, from), placeOf(layout, to)];
  const gap = dotRadius + 3;
  const isSame = start.x === end.x;
  const isRightward = end.x > start.x;
  const startX = isSame || !isRightward ? start.x - gap : start.x + gap;
  const endX = isSame || isRightward ? end.x - gap : end.x + gap;
  const bow = isSame ? 34 : Math.max(40, Math.abs(end.x - start.x) / 2);
  const [startBend, endBend] = isSame
    ? [startX - bow, endX - bow]
    : [startX + (isRightward ? bow : -bow), endX + (isRightward ? -bow : bow)];
  const path = `M${startX} ${start.y} C${startBend} ${start.y} ${endBend} ${end.y} ${endX} ${end.y}`;
  return `<path class="arrow ${kind}" marker-end="url(#${kind})" d="${path}"/>`;
}

function arrowHead(kind: ArrowKind): string {
  const marker = `<marker id="${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">`;
  return `${marker}<path class="head-${kind}" d="M0 0 L10 5 L0 10 z"/></marker>`;
}

function legend(kind: ArrowKind, y: number): string[] {
  return [
    `<path class="arrow ${kind}" marker-end="url(#${kind})" d="M${margin} ${y - 4} L${margin + 40} ${y - 4}"/>`,
    svgText(margin + 52, y, arrowMeanings[kind], 'faint'),
  ];
}

function placeOf({ operations, sessions, columns, top }: Layout, index: number): { x: number; y: number } {
  const column = sessions.indexOf(operations[index]?.session ?? '');
  return { x: columns[column] ?? 0, y: top + rowHeight * index + rowHeight / 2 };
}

function sessionsOf(operations: readonly Operation[]): string[] {
  return [...new Set(operations.map(({ session }) => session))];
}
