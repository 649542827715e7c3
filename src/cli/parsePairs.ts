import { KvcError } from '../errors.js';

/** A pair whose value is on standard input has value null. */
export interface Pair {
  readonly key: string;
  readonly value: string | null;
}

/**
 * `KEY VALUE [KEY VALUE ...]`; `-` as the value of a single pair stands for standard input.
 * @throws KvcError KVC_E_USAGE
 */
export function parsePairs(words: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  for (let index = 0; index < words.length; index += 2) {
    const key = words[index] ?? '';
    const value = words[index + 1];
    if (value === undefined) {
      throw usage(`the key ${JSON.stringify(key)} has no value; write: kvc write KEY VALUE`);
    }
    pairs.push({ key, value: value === '-' ? null : value });
  }
  requireOneStdin(pairs);
  requireDistinctKeys(pairs);
  return pairs;
}

function requireOneStdin(pairs: readonly Pair[]): void {
  if (pairs.length === 1 || pairs.every(({ value }) => value !== null)) return;
  throw usage('standard input (-) can be the value of a single pair only, not of one among several');
}

/** Which of two values of one key in one atomic write were meant to stay, nobody can know. */
function requireDistinctKeys(pairs: readonly Pair[]): void {
  const keys = pairs.map(({ key }) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw usage(`the key ${JSON.stringify(twice)} is given twice`);
}

function usage(message: string): KvcError {
  return new KvcError('KVC_E_USAGE', message);
}
