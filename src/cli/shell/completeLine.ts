import type { CommandShape } from './shellState.js';
import { shellVerbs, verbAliases, wordKind, type WordKind } from './shellVerbs.js';
import { wordsSoFar } from './splitLine.js';

/** Where completion finds what there is. */
export interface CompletionSource {
  /** Ids of the commands; the parts of one are apart by colons. */
  readonly commands: Readonly<Record<string, CommandShape>>;
  /** Names that begin with `prefix`, or more. @throws nothing: what cannot be found out is left out */
  names(kind: WordKind, prefix: string): Promise<readonly string[]>;
}

/** Completes the last word of a line: what it may become, and what of it is there. */
export async function completeLine(line: string, source: CompletionSource): Promise<[string[], string]> {
  const { words, last } = wordsSoFar(line);
  // What is in quotes would have to be completed in quotes.
  if (!line.endsWith(last)) return [[], last];
  const found = await candidates(words, last, source);
  const fitting = found.filter((each) => each.startsWith(last) && isPlain(each));
  return [[...new Set(fitting)].sort().map((each) => `${each} `), last];
}

async function candidates(
  words: readonly string[],
  last: string,
  source: CompletionSource,
): Promise<readonly string[]> {
  const { commands } = source;
  const [first, ...rest] = words;
  if (first === undefined) return verbsOf(commands);
  const verb = verbAliases[first] ?? first;
  const flags = commands[verb]?.flags ?? {};
  const before = words.at(-1);
  if (before === '--node') return source.names('node', last);
  if (before === '--session') return source.names('session', last);
  if (last.startsWith('-')) return Object.keys(flags).map((name) => `--${name}`);
  const kind = wordKind(verb, rest.filter((word) => !word.startsWith('-')).length);
  const names = kind === undefined ? [] : await source.names(kind, last);
  return rest.length === 0 ? [...names, ...subcommands(verb, commands), ...moreWords(verb)] : names;
}

function verbsOf(commands: CompletionSource['commands']): string[] {
  const first = Object.keys(commands).map((id) => id.split(':')[0] ?? id);
  return [...first, ...Object.keys(verbAliases), ...shellVerbs];
}

function subcommands(verb: string, commands: CompletionSource['commands']): string[] {
  return Object.keys(commands)
    .filter((id) => id.startsWith(`${verb}:`))
    .map((id) => id.slice(verb.length + 1));
}

function moreWords(verb: string): string[] {
  return verb === 'session' ? ['new', 'off'] : [];
}

/** A word that stands for itself in a line. */
function isPlain(word: string): boolean {
  return /^[^\s'"\\]+$/u.test(word);
}
