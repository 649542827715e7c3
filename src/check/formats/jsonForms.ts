import { messageOf } from '../../errors.js';
import type { Edn, EdnForm } from './edn.js';
import { historyError, quote } from './historyError.js';
import { historyLimits } from './historyLimits.js';

/**
 * The objects of a JSON text, which is an array of them or has one after the other, as if they were EDN: their field
 * names become keywords. One is decoded at a time, for a history may be long.
 * @throws KvcError KVC_E_HISTORY_INVALID with the line of what is not JSON
 */
export function* jsonForms(text: string): Generator<EdnForm> {
  const between = /[\s,]*/y;
  let isInArray = false;
  let line = 1;
  for (let at = 0; ;) {
    between.lastIndex = at;
    const blank = between.exec(text)?.[0] ?? '';
    line += countBreaks(blank);
    at += blank.length;
    const next = text[at];
    if (next === '{') {
      const end = endOfObject(text, at, line);
      yield { value: ednOfJson(parse(text.slice(at, end), line), line, 0), line };
      line += countBreaks(text.slice(at, end));
      at = end;
    } else if (next === (isInArray ? ']' : '[')) {
      isInArray = !isInArray;
      at += 1;
    } else if (next !== undefined) {
      throw historyError(line, `expected an operation {...}, found ${quote(next)}`);
    } else if (isInArray) throw historyError(line, 'the text ends before the "]" of the history');
    else return;
  }
}

/** Where the object that begins at `start` ends: behind the brace that closes it. */
function endOfObject(text: string, start: number, line: number): number {
  const token = /[{}"\\]/g;
  token.lastIndex = start;
  let depth = 0;
  let isInString = false;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === '\\') token.lastIndex += 1;
    else if (found[0] === '"') isInString = !isInString;
    else if (!isInString) depth += found[0] === '{' ? 1 : -1;
    if (depth === 0) return token.lastIndex;
  }
  throw historyError(line, 'not JSON: the text ends within the operation that begins here');
}

function parse(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw historyError(line, `not JSON: ${messageOf(error)}`);
  }
}

function ednOfJson(json: unknown, line: number, depth: number): Edn {
  if (depth > historyLimits.nestingMax) {
    throw historyError(line, `nested deeper than ${historyLimits.nestingMax} levels, which is the limit`);
  }
  if (Array.isArray(json)) return json.map((each) => ednOfJson(each, line, depth + 1));
  if (typeof json === 'object' && json !== null) {
    return new Map(
      Object.entries(json).map(([key, each]) => [`:${key}`, ednOfJson(each, line, depth + 1)] as const),
    );
  }
  // What JSON.parse returns beside arrays and objects.
  return json as null | boolean | number | string;
}

function countBreaks(text: string): number {
  let breaks = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) breaks += 1;
  return breaks;
}
