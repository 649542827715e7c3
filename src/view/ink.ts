import type { Paint, Style } from './style.js';

/** What a piece of the drawing stands for. */
export type Ink = 'plain' | 'faint' | 'written' | 'delivered' | 'waiting' | 'read' | 'wrong';

const styles: Readonly<Record<Ink, Style | undefined>> = {
  plain: undefined,
  faint: 'dim',
  written: 'bold',
  delivered: 'green',
  waiting: 'yellow',
  read: 'cyan',
  wrong: 'red',
};

export function paintInk(paint: Paint, ink: Ink, text: string): string {
  const style = styles[ink];
  return style === undefined ? text : paint(style, text);
}
