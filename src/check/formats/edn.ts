import { historyError, quote } from './historyError.js';
import { historyLimits } from './historyLimits.js';

/** A value of EDN (https://github.com/edn-format/edn), of the part that histories use. Tags are dropped. */
export type Edn = null | boolean | number | bigint | string | EdnName | readonly Edn[] | EdnMap;

/** By the text of each key, see `ednText`. */
export type EdnMap = ReadonlyMap<string, Edn>;

/** A keyword, with its colon, or a symbol. */
export class EdnName {
  constructor(readonly text: string) {}
}

/** One value at the top of a text, and the line on which it begins. */
export interface EdnForm {
  readonly value: Edn;
  readonly line: number;
}

const closers: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const characterNames: Readonly<Record<string, string>> = {
  newline: '\n',
  space: ' ',
  tab: '\t',
  return: '\r',
};
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
const blank = /(?:[\s,]|;[^\n]*)+/y;
const word = /[^\s,;"()[\]{}]+/y;
const stringPart = /[^"\\]*/y;

/**
 * The values of a text one after the other, and instead of a vector or list at the top its elements: a history is
 * written either way.
 * @throws KvcError KVC_E_HISTORY_INVALID with the line of what is no EDN
 */
export function ednForms(text: string): Generator<EdnForm> {
  return new EdnReader(text).forms();
}

/** Names a value: two texts are the same only if the values are. */
export function ednText(value: Edn): string {
  if (value instanceof EdnName) return value.text;
  if (isEdnMap(value)) {
    return `{${[...value].map(([key, each]) => `${key} ${ednText(each)}`).join(' ')}}`;
  }
  if (isEdnList(value)) return `[${value.map(ednText).join(' ')}]`;
  if (typeof value === 'bigint') return `${value}N`;
  if (typeof value === 'string') return JSON.stringify(value);
  return value === null ? 'nil' : String(value);
}

export function isEdnMap(value: Edn): value is EdnMap {
  return value instanceof Map;
}

/** A vector, a list or a set. */
export function isEdnList(value: Edn): value is readonly Edn[] {
  return Array.isArray(value);
}

class EdnReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** Line breaks are counted up to `#countedTo` only, and never twice. */
  #line = 1;
  #countedTo = 0;

  constructor(text: string) {
    this.#text = text;
  }

  *forms(): Generator<EdnForm> {
    let closer: string | undefined;
    for (;;) {
      this.#skipBlank();
      const next = this.#peek();
      if (next === '' && closer === undefined) return;
      if (next === '') throw this.#wrong(`the text ends before the ${quote(closer ?? '')} of the history`);
      if (next === closer) {
        this.#at += 1;
        closer = undefined;
      } else if (closer === undefined && (next === '[' || next === '(')) {
        this.#at += 1;
        closer = closers[next];
      } else if (!this.#skipDiscarded()) {
        const line = this.#lineHere();
        yield { value: this.#value(), line };
      }
    }
  }

  #value(): Edn {
    this.#skipBlank();
    while (this.#skipDiscarded()) this.#skipBlank();
    const next = this.#peek();
    switch (next) {
      case '':
        throw this.#wrong('the text ends where a value should be');
      case '"':
        return this.#string();
      case '[':
      case '(':
        return this.#nested(() => this.#elements(closers[next] ?? ''));
      case '{':
        return this.#nested(() => this.#map());
      case '#':
        return this.#dispatch();
      case '^':
        this.#at += 1;
        this.#nested(() => this.#value());
        return this.#nested(() => this.#value());
      case '\\':
        return this.#character();
      default:
        return this.#atom();
    }
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > historyLimits.nestingMax) {
      throw this.#wrong(`nested deeper than ${historyLimits.nestingMax} levels, which is the limit`);
    }
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #elements(closer: string): Edn[] {
    this.#at += 1;
    const elements: Edn[] = [];
    for (;;) {
      this.#skipBlank();
      if (this.#peek() === closer) break;
      if (this.#peek() === '') throw this.#wrong(`the text ends before a ${quote(closer)}`);
      if (!this.#skipDiscarded()) elements.push(this.#value());
    }
    this.#at += 1;
    return elements;
  }

  #map(): EdnMap {
    const elements = this.#elements('}');
    if (elements.length % 2 !== 0) throw this.#wrong('a map has a key without a value');
    const map = new Map<string, Edn>();
    for (let index = 0; index < elements.length; index += 2) {
      const key = ednText(elements[index] ?? null);
      if (map.has(key)) throw this.#wrong(`a map has the key ${quote(key)} twice`);
      map.set(key, elements[index + 1] ?? null);
    }
    return map;
  }

  /** `#{...}` a set, `#"..."` a pattern, `##Inf` a number, `#tag value` the value. */
  #dispatch(): Edn {
    this.#at += 1;
    const next = this.#peek();
    if (next === '{') return this.#nested(() => this.#elements('}'));
    if (next === '"') return this.#string();
    if (next === '#') {
      this.#at += 1;
      return new EdnName(`##${this.#word()}`);
    }
    this.#word();
    return this.#nested(() => this.#value());
  }

  /** `#_ value` is as if it were not there. */
  #skipDiscarded(): boolean {
    if (!this.#text.startsWith('#_', this.#at)) return false;
    this.#at += 2;
    this.#nested(() => this.#value());
    return true;
  }

  #string(): string {
    this.#at += 1;
    let value = '';
    for (;;) {
      value += this.#match(stringPart);
      const end = this.#peek();
      this.#at += 1;
      if (end === '"') return value;
      if (end === '') throw this.#wrong('the text ends within a string');
      value += this.#escape();
    }
  }

  #escape(): string {
    const letter = this.#peek();
    this.#at += 1;
    if (letter !== 'u') return escapes[letter] ?? letter;
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits))
      throw this.#wrong('\\u must be followed by four hexadecimal digits');
    this.#at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  #character(): string {
    this.#at += 2;
    const first = this.#text[this.#at - 1] ?? '';
    const name = first + this.#match(word);
    return characterNames[name] ?? name;
  }

  #atom(): Edn {
    const text = this.#word();
    if (text === 'nil') return null;
    if (text === 'true' || text === 'false') return text === 'true';
    if (/^[+-]?\d+N?$/.test(text)) return integer(text.replace(/^\+|N$/g, ''));
    if (/^[+-]?\d/.test(text)) return this.#fraction(text);
    return new EdnName(text);
  }

  #fraction(text: string): Edn {
    const number = Number(text.replace(/M$/, ''));
    if (Number.isFinite(number)) return number;
    if (/^[+-]?\d+\/\d+$/.test(text)) return new EdnName(text);
    throw this.#wrong(`${quote(text)} is no number`);
  }

  #word(): string {
    const text = this.#match(word);
    if (text === '') throw this.#wrong(`unexpected ${quote(this.#peek())}`);
    return text;
  }

  #skipBlank(): void {
    this.#match(blank);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += text.length;
    return text;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #lineHere(): number {
    for (;;) {
      const next = this.#text.indexOf('\n', this.#countedTo);
      if (next < 0 || next >= this.#at) return this.#line;
      this.#line += 1;
      this.#countedTo = next + 1;
    }
  }

  #wrong(problem: string): Error {
    return historyError(this.#lineHere(), `not EDN: ${problem}`);
  }
}

function integer(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
