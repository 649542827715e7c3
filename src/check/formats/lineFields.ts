import type { KvcError } from '../../errors.js';
import type { Value } from '../historyLine.js';
import { historyError, quote } from './historyError.js';
import { historyLimits } from './historyLimits.js';

/** The fields of one JSON object of a history line, taken out one by one; each failure names line and field. */
export class LineFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #line: number;
  /** What stands before a field's name in messages: empty, or `ops[2].`. */
  readonly #path: string;

  /** Every field must be in `allowed`: a misspelled one must not be ignored in silence. */
  constructor(input: unknown, line: number, path: string, allowed: readonly string[]) {
    this.#line = line;
    this.#path = path;
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      const what = path === '' ? 'an operation' : path.slice(0, -1);
      throw historyError(line, `${what} must be an object {...}, received ${describe(input)}`);
    }
    this.#fields = input as Record<string, unknown>;
    const unknown = Object.keys(input).find((name) => !allowed.includes(name));
    if (unknown === undefined) return;
    throw this.wrong(unknown, `is not a field of the format; it has ${allowed.join(', ')}`);
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  get(name: string): unknown {
    return this.#fields[name];
  }

  /** The error for a field: its name, then what is wrong with it. */
  wrong(name: string, problem: string): KvcError {
    const field = `${this.#path}${name}`;
    return historyError(this.#line, `${field} ${problem}`, { field });
  }

  /** The error for a field that is missing or not what it must be. */
  bad(name: string, expected: string): KvcError {
    return this.wrong(name, `must be ${expected}, received ${describe(this.#fields[name])}`);
  }

  name(name: string): string {
    const input = this.#fields[name];
    if (typeof input !== 'string') throw this.bad(name, 'text');
    this.checkName(name, input);
    return input;
  }

  /** A name that something must have, so that it is not empty. */
  properName(name: string): string {
    const input = this.name(name);
    if (input === '') throw this.wrong(name, 'must not be empty');
    return input;
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T {
    const word = words.find((each) => each === this.#fields[name]);
    if (word === undefined) throw this.bad(name, words.map((each) => `"${each}"`).join(' or '));
    return word;
  }

  optionalNumber(name: string): void {
    if (this.has(name) && typeof this.#fields[name] !== 'number') throw this.bad(name, 'a number');
  }

  array(name: string, max: number): readonly unknown[] {
    const input = this.#fields[name];
    if (!Array.isArray(input) || input.length === 0) throw this.bad(name, 'an array of at least one');
    if (input.length > max) throw this.wrong(name, `has ${input.length} elements; the limit is ${max}`);
    return input;
  }

  /** A value as it is written, or null where a read may have returned nothing. */
  checkValue(name: string, input: unknown, isNullAllowed: boolean): asserts input is Value | null {
    if (input === null && isNullAllowed) return;
    if (typeof input === 'number' && Number.isInteger(input) && !Number.isSafeInteger(input)) {
      throw this.wrong(name, 'is an integer beyond 2^53, which JSON readers round; write it as text');
    }
    if (typeof input === 'number' && !Number.isFinite(input)) {
      throw this.wrong(name, 'is a number beyond what JSON readers hold; write it as text');
    }
    if (['string', 'number', 'boolean'].includes(typeof input)) return;
    const expected = `text, a number or a boolean${isNullAllowed ? ', or null' : ''}`;
    throw this.wrong(name, `must be ${expected}, received ${describe(input)}`);
  }

  checkName(name: string, input: unknown): asserts input is string {
    if (typeof input !== 'string') throw this.wrong(name, `must be text, received ${describe(input)}`);
    if (input.length <= historyLimits.nameCharactersMax) return;
    throw this.wrong(name, `has ${input.length} characters; the limit is ${historyLimits.nameCharactersMax}`);
  }
}

/** What was received, in a few words whatever its size. */
function describe(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (typeof input === 'string') return quote(input);
  if (Array.isArray(input)) return `an array of ${input.length}`;
  if (typeof input === 'number' || typeof input === 'boolean') return String(input);
  return input === null ? 'null' : 'an object';
}
