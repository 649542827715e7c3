import type { Canvas } from '../canvas.js';
import type { Ink } from '../ink.js';

export const toUp = 1;
export const toDown = 2;
export const toLeft = 4;
export const toRight = 8;

/** Straight lines of one drawing style; corners and crossings are the same in all. */
export interface LineStyle {
  readonly ink: Ink;
  readonly horizontal: string;
  readonly vertical: string;
}

/** By the directions in which lines leave a cell, added up. */
const joints = '   │ ╯╮┤ ╰╭├─┴┬┼';

interface Cell {
  directions: number;
  style: LineStyle;
}

/** Lines on a grid, joined where they meet. What is added later gives the cell its style. */
export class LineGrid {
  readonly #cells = new Map<string, Cell>();

  add(x: number, y: number, directions: number, style: LineStyle): void {
    const place = `${x},${y}`;
    const cell = this.#cells.get(place);
    if (cell === undefined) this.#cells.set(place, { directions, style });
    else {
      cell.directions |= directions;
      cell.style = style;
    }
  }

  drawOn(canvas: Canvas): void {
    for (const [place, cell] of this.#cells) {
      const [x = 0, y = 0] = place.split(',').map(Number);
      canvas.put(x, y, characterOf(cell), cell.style.ink);
    }
  }
}

function characterOf({ directions, style }: Cell): string {
  if ((directions & (toLeft | toRight)) === 0) return style.vertical;
  if ((directions & (toUp | toDown)) === 0) return style.horizontal;
  return joints[directions] ?? ' ';
}
