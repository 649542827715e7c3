import { printable } from '../printable.js';
import { wrap } from '../wrap.js';

const charactersMax = 24;
const proseCharactersMax = 2000;
const reasonCharactersMax = 150;

/** A key, value or name from a history on one line, cut where it is long, and harmless to a terminal. */
export function shortText(text: string): string {
  const characters = Array.from(printable(text.slice(0, 2 * charactersMax)));
  if (characters.length <= charactersMax && text.length <= 2 * charactersMax) return characters.join('');
  return `${characters.slice(0, charactersMax - 1).join('')}…`;
}

/** A reason, which may name a key, as one cell of a table. */
export function reasonText(text: string): string {
  const shown = text.length <= reasonCharactersMax ? text : `${text.slice(0, reasonCharactersMax - 1)}…`;
  return printable(shown);
}

/** An explanation, which may name keys and values of any length, as lines of at most `width` characters. */
export function proseLines(text: string, width: number): string[] {
  const shown = text.length <= proseCharactersMax ? text : `${text.slice(0, proseCharactersMax)}…`;
  const tooLong = new RegExp(`(\\S{${width}})(?=\\S)`, 'g');
  return wrap(printable(shown).replace(tooLong, '$1 '), width);
}
