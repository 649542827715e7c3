import { KvcError } from '../../errors.js';

/**
 * The words of a line, as a shell would split it: '...' is taken as it is, in "..." and outside of quotes a \ takes the
 * next character as it is. Nothing else has a meaning.
 * @throws KvcError KVC_E_USAGE where a quote is not closed
 */
export function splitLine(line: string): string[] {
  const { words, last, open } = scanLine(line);
  if (open !== undefined) throw new KvcError('KVC_E_USAGE', `the line ends within ${open}; close it`);
  return last === undefined ? words : [...words, last];
}

/** The same for a line that is being typed: the words that are complete, and the one that is not. */
export function wordsSoFar(line: string): { readonly words: readonly string[]; readonly last: string } {
  const { words, last = '' } = scanLine(line);
  return { words, last };
}

interface Scan {
  readonly words: string[];
  /** The word at the end of the line; undefined if a space is there. */
  readonly last: string | undefined;
  /** The quote, or the \, that nothing follows. */
  readonly open: string | undefined;
}

const space = /\s/;

function scanLine(line: string): Scan {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  let escaped = false;
  for (const character of line) {
    if (escaped) {
      word = `${word ?? ''}${character}`;
      escaped = false;
    } else if (character === '\\' && quote !== "'") escaped = true;
    else if (character === quote) quote = undefined;
    else if (quote === undefined && (character === "'" || character === '"')) {
      quote = character;
      word ??= '';
    } else if (quote === undefined && space.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ''}${character}`;
  }
  return { words, last: word, open: escaped ? '\\' : quote };
}
