import { RespError } from './respError.js';

/**
 * An answer of the Redis protocol: a line as text, a bulk as bytes, what is nothing as null. Sets are lists; maps are lists of
 * keys and values in turn, as version 2 tells them.
 */
export type RespAnswer = string | number | Buffer | null | RespError | readonly RespAnswer[];

/** Bytes that an answer may have: more than a node gives at once. */
const answerBytesMax = 160 * 1024 * 1024;
const depthMax = 8;
const lineBytesMax = 64 * 1024;
const cr = 13;
const lf = 10;

/** Takes apart what a node answers, in whatever pieces it comes. */
export class ReplyParser {
  #pieces: Buffer[] = [];
  #size = 0;
  /** How many bytes there must be before it is worth looking again. */
  #wanted = 1;

  /** Bytes of an answer that is not whole yet, or of answers that nobody has asked for. */
  get size(): number {
    return this.#size;
  }

  push(chunk: Buffer): void {
    this.#pieces.push(chunk);
    this.#size += chunk.length;
  }

  /**
   * The next answer; undefined if it is not whole yet.
   * @throws Error where the bytes are no answer, or one that is too large
   */
  next(): RespAnswer | undefined {
    if (this.#size < this.#wanted) return undefined;
    const bytes = this.#pieces.length === 1 ? (this.#pieces[0] ?? noBytes) : Buffer.concat(this.#pieces);
    const reading = new Reading(bytes);
    const answer = reading.answer(0);
    const rest = answer === undefined ? bytes : bytes.subarray(reading.at);
    this.#pieces = [rest];
    this.#size = rest.length;
    this.#wanted = answer === undefined ? reading.wanted : 1;
    if (this.#wanted > answerBytesMax) throw malformed('an answer is too large');
    return answer;
  }
}

const noBytes = Buffer.alloc(0);

/** One look at the bytes that there are. */
class Reading {
  readonly #bytes: Buffer;
  at = 0;
  /** Where something is missing: how many bytes there must be at least. */
  wanted = 1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  answer(depth: number): RespAnswer | undefined {
    if (depth > depthMax) throw malformed('an answer is nested too deeply');
    const line = this.#line();
    if (line === undefined) return undefined;
    const rest = line.slice(1);
    switch (line.charAt(0)) {
      case '+':
        return rest;
      case '-':
        return errorOf(rest);
      case ':':
        return integerOf(rest);
      case '_':
        return null;
      case '$':
        return this.#bulk(integerOf(rest));
      case '*':
      case '~':
        return this.#list(integerOf(rest), depth);
      case '%':
        return this.#list(2 * integerOf(rest), depth);
      default:
        throw malformed(`an answer begins with ${JSON.stringify(line.slice(0, 20))}`);
    }
  }

  #bulk(length: number): Buffer | null | undefined {
    if (length === -1) return null;
    if (length < 0) throw malformed(`a bulk of ${length} bytes`);
    const end = this.at + length;
    if (end + 2 > this.#bytes.length) {
      this.#missing(end + 2);
      return;
    }
    if (this.#bytes[end] !== cr || this.#bytes[end + 1] !== lf) throw malformed('a bulk without its end');
    const value = this.#bytes.subarray(this.at, end);
    this.at = end + 2;
    return value;
  }

  #list(count: number, depth: number): readonly RespAnswer[] | null | undefined {
    if (count === -1) return null;
    if (count < 0) throw malformed(`a list of ${count}`);
    const items: RespAnswer[] = [];
    for (let index = 0; index < count; index += 1) {
      const item = this.answer(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }

  #line(): string | undefined {
    const end = this.#bytes.indexOf(lf, this.at);
    const length = (end < 0 ? this.#bytes.length : end) - this.at;
    if (length > lineBytesMax) throw malformed('a line is too long');
    if (end < 0) {
      this.#missing(this.#bytes.length + 1);
      return;
    }
    if (this.#bytes[end - 1] !== cr || length < 2) throw malformed('a line without its end');
    const line = this.#bytes.toString('utf8', this.at, end - 1);
    this.at = end + 1;
    return line;
  }

  #missing(wanted: number): undefined {
    this.wanted = wanted;
    return undefined;
  }
}

function errorOf(text: string): RespError {
  const [code = ''] = text.split(' ', 1);
  return new RespError(text.slice(code.length + 1), code);
}

function integerOf(text: string): number {
  const value = Number(text);
  if (!/^-?[0-9]+$/.test(text) || !Number.isSafeInteger(value))
    throw malformed(`no integer: ${text.slice(0, 40)}`);
  return value;
}

function malformed(problem: string): Error {
  return new Error(`no answer of the Redis protocol: ${problem}`);
}
