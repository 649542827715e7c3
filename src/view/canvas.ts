import type { Paint } from './style.js';
import { paintInk, type Ink } from './ink.js';

interface Cell {
  readonly character: string;
  readonly ink: Ink;
}

const blank: Cell = { character: ' ', ink: 'plain' };

/** Characters on a grid that grows to the right and downwards. What is written later covers what was there. */
export class Canvas {
  readonly #rows: Cell[][] = [];

  get height(): number {
    return this.#rows.length;
  }

  at(x: number, y: number): string {
    return (this.#rows[y]?.[x] ?? blank).character;
  }

  put(x: number, y: number, text: string, ink: Ink): void {
    while (this.#rows.length <= y) this.#rows.push([]);
    const row = this.#rows[y] ?? [];
    for (const [index, character] of Array.from(text).entries()) {
      while (row.length < x + index) row.push(blank);
      row[x + index] = { character, ink };
    }
  }

  /** Without spaces at the ends of lines. */
  lines(paint: Paint): string[] {
    return this.#rows.map((row) => lineOf(trimmed(row), paint));
  }
}

function trimmed(row: readonly Cell[]): readonly Cell[] {
  return row.slice(0, row.findLastIndex(({ character }) => character !== ' ') + 1);
}

/** Neighbours of one ink are painted together, which keeps the escape sequences few. */
function lineOf(row: readonly Cell[], paint: Paint): string {
  let line = '';
  for (let start = 0; start < row.length;) {
    const ink = row[start]?.ink ?? 'plain';
    let end = start;
    while (end < row.length && row[end]?.ink === ink) end += 1;
    const text = row
      .slice(start, end)
      .map(({ character }) => character)
      .join('');
    line += paintInk(paint, ink, text);
    start = end;
  }
  return line;
}
