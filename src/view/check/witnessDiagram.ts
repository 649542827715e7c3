import type { Operation } from '../../check/history.js';
import type { Witness, WitnessEdge } from '../../check/report.js';
import { Canvas } from '../canvas.js';
import type { Ink } from '../ink.js';
import type { Paint } from '../style.js';
import { arrowMeanings, isArrow, type ArrowKind } from './edgeText.js';
import { LineGrid, toDown, toLeft, toRight, toUp, type LineStyle } from './lineGrid.js';
import { isWrite, operationText } from './operationText.js';
import { shortText } from './shortText.js';

/** Beyond these a text drawing helps nobody. */
const operationsMax = 40;
const widthMax = 160;
const numberWidth = 4;
/** An arrow into a session runs down in a lane left of its line; the first of them this far left. */
const firstLane = 3;
const laneWidth = 2;

const lifeline: LineStyle = { ink: 'faint', horizontal: '─', vertical: '│' };
const styles: Readonly<Record<ArrowKind, LineStyle>> = {
  reads: { ink: 'delivered', horizontal: '─', vertical: '│' },
  before: { ink: 'waiting', horizontal: '╌', vertical: '╎' },
  misses: { ink: 'wrong', horizontal: '┄', vertical: '┊' },
};

interface Arrow {
  readonly kind: ArrowKind;
  readonly from: number;
  readonly to: number;
  lane: number;
}

/**
 * Space and time of a witness: a column per session, its operations from top to bottom (`●` writes, `○` only reads), and
 * arrows for what orders them. Instead of a drawing that is too large to help, a line that says so.
 * @param witness - in the order in which it is to be drawn, see `orderWitness`
 */
export function witnessDiagram(witness: Witness, paint: Paint): string[] {
  const { length } = witness.operations;
  if (length > operationsMax)
    return [`(${length} operations are too many to draw as text; --svg draws them)`];
  const drawing = new Drawing(witness);
  if (drawing.width > widthMax) return ['(too wide to draw as text; --svg draws it)'];
  return drawing.lines(paint);
}

class Drawing {
  readonly #operations: readonly Operation[];
  readonly #arrows: readonly Arrow[];
  readonly #sessions: readonly string[];
  /** Per operation its row; what it starts leaves in the row below. */
  readonly #rows: readonly number[];
  /** Per session the column of its line. */
  readonly #columns: readonly number[];
  readonly width: number;

  constructor({ operations, edges }: Witness) {
    this.#operations = operations;
    this.#arrows = edges.filter(isArrow).map(({ kind, from, to }) => ({ kind, from, to, lane: 0 }));
    this.#sessions = [...new Set(operations.map(({ session }) => session))];
    this.#rows = this.#placeRows();
    this.#placeLanes();
    const { columns, width } = this.#placeColumns();
    this.#columns = columns;
    this.width = width;
  }

  lines(paint: Paint): string[] {
    const canvas = new Canvas();
    const grid = new LineGrid();
    const bottom = this.#rowOf(this.#operations.length - 1) + 1;
    for (const x of this.#columns) {
      for (let y = 1; y <= bottom; y += 1) grid.add(x, y, toUp | toDown, lifeline);
    }
    // What was read last, for where arrows share a line it shows as that.
    for (const arrow of this.#arrows.filter(({ kind }) => kind !== 'reads')) this.#line(grid, arrow);
    for (const arrow of this.#arrows.filter(({ kind }) => kind === 'reads')) this.#line(grid, arrow);
    grid.drawOn(canvas);
    for (const [index, session] of this.#sessions.entries()) {
      canvas.put(this.#columns[index] ?? 0, 0, shortText(session), 'plain');
    }
    for (const [index, operation] of this.#operations.entries()) this.#mark(canvas, operation, index);
    return [...canvas.lines(paint), ...this.#legend()];
  }

  #mark(canvas: Canvas, operation: Operation, index: number): void {
    const [x, y] = [this.#columnOf(index), this.#rowOf(index)];
    const into = this.#arrows.filter(({ to }) => to === index);
    const isWrong = into.some(({ kind }) => kind === 'misses');
    const ink: Ink = isWrong ? 'wrong' : isWrite(operation) ? 'written' : 'read';
    canvas.put(0, y, String(index + 1).padStart(numberWidth - 2), 'faint');
    canvas.put(x, y, `${isWrite(operation) ? '●' : '○'} ${labelOf(operation)}`, ink);
    const [kind] = into.map((arrow) => arrow.kind);
    if (kind !== undefined) canvas.put(x - 1, y, '▶', isWrong ? 'wrong' : styles[kind].ink);
  }

  /** From below the operation where it starts to its lane, along it, and into the other operation. */
  #line(grid: LineGrid, { kind, from, to, lane }: Arrow): void {
    const style = styles[kind];
    const [startX, startY] = [this.#columnOf(from), this.#rowOf(from) + 1];
    const [endX, endY] = [this.#columnOf(to), this.#rowOf(to)];
    const laneX = endX - firstLane - laneWidth * lane;
    const isRightward = laneX > startX;
    const [left, right] = isRightward ? [startX, laneX] : [laneX, startX];
    grid.add(left, startY, toRight, left === startX ? lifeline : style);
    grid.add(right, startY, toLeft, right === startX ? lifeline : style);
    for (let x = left + 1; x < right; x += 1) grid.add(x, startY, toLeft | toRight, style);
    const [top, bottom] = startY < endY ? [startY, endY] : [endY, startY];
    grid.add(laneX, top, toDown, style);
    grid.add(laneX, bottom, toUp, style);
    for (let y = top + 1; y < bottom; y += 1) grid.add(laneX, y, toUp | toDown, style);
    grid.add(laneX, endY, toRight, style);
    for (let x = laneX + 1; x < endX; x += 1) grid.add(x, endY, toLeft | toRight, style);
  }

  #legend(): string[] {
    const kinds = [...new Set(this.#arrows.map(({ kind }) => kind))];
    return kinds.map(
      (kind) => `${' '.repeat(numberWidth)}${styles[kind].horizontal.repeat(2)}▶ ${arrowMeanings[kind]}`,
    );
  }

  #placeRows(): number[] {
    let next = 1;
    return this.#operations.map((_operation, index) => {
      const row = next;
      next += this.#arrows.some(({ from }) => from === index) ? 2 : 1;
      return row;
    });
  }

  /** Arrows into one session that are there at the same time get lanes of their own. */
  #placeLanes(): void {
    for (const [index, arrow] of this.#arrows.entries()) {
      const taken = this.#arrows
        .slice(0, index)
        .filter(
          (other) => this.#sessionOf(other.to) === this.#sessionOf(arrow.to) && this.#overlap(other, arrow),
        )
        .map(({ lane }) => lane);
      while (taken.includes(arrow.lane)) arrow.lane += 1;
    }
  }

  #overlap(one: Arrow, other: Arrow): boolean {
    const [[top, bottom], [otherTop, otherBottom]] = [this.#span(one), this.#span(other)];
    return top <= otherBottom && otherTop <= bottom;
  }

  #span({ from, to }: Arrow): [number, number] {
    const rows = [this.#rowOf(from) + 1, this.#rowOf(to)];
    return [Math.min(...rows), Math.max(...rows)];
  }

  #placeColumns(): { columns: number[]; width: number } {
    let x = numberWidth;
    const columns = this.#sessions.map((session) => {
      const lanes = this.#arrows
        .filter(({ to }) => this.#sessionOf(to) === session)
        .map(({ lane }) => lane + 1);
      const column = x + (lanes.length === 0 ? 0 : firstLane + laneWidth * (Math.max(...lanes) - 1));
      const labels = this.#operations.filter((each) => each.session === session).map(labelOf);
      x = column + Math.max(shortText(session).length, ...labels.map((label) => label.length + 2)) + 3;
      return column;
    });
    return { columns, width: x };
  }

  #rowOf(operation: number): number {
    return this.#rows[operation] ?? 0;
  }

  #columnOf(operation: number): number {
    return this.#columns[this.#sessions.indexOf(this.#sessionOf(operation))] ?? 0;
  }

  #sessionOf(operation: WitnessEdge['to']): string {
    return this.#operations[operation]?.session ?? '';
  }
}

function labelOf(operation: Operation): string {
  return `${operationText(operation)} `;
}
