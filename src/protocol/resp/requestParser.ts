import { limits } from '../limits.js';
import { RespError } from './respError.js';

/** Words of one request: a batch of the greatest size fits. */
const wordsMax = 2 * limits.batchOperationsMax + 2;
/** Bytes of one word. */
const wordBytesMax = limits.valueBytesMax;
/** Bytes of all words of one request. */
const requestBytesMax = limits.batchBytesMax + limits.valueBytesMax;
const inlineBytesMax = 64 * 1024;
/** Digits of a length, with its mark and its end. */
const lengthBytesMax = 32;

const cr = 13;
const lf = 10;
const star = 42;
const dollar = 36;
const noBytes = Buffer.alloc(0);

/**
 * Takes apart what clients of the Redis protocol send: arrays of bulk strings, or lines of words. Whatever the pieces in which
 * it arrives, and without copying: words are parts of what was pushed, or of a copy of it where a request came in pieces.
 */
export class RequestParser {
  #bytes: Buffer = noBytes;
  #at = 0;
  /** Pushed while a request was not whole; joined when it is looked at again. */
  #more: Buffer[] = [];
  #moreBytes = 0;
  /** How many bytes there must be before it is worth looking again. */
  #wanted = 0;
  /** Where what follows the number begins that was read last. */
  #behind = 0;
  #isBroken = false;

  /** True once something came that is no request: nothing more is read. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** What was pushed and not taken by `next` yet. */
  get waitingBytes(): number {
    return this.#bytes.length - this.#at + this.#moreBytes;
  }

  push(chunk: Buffer): void {
    if (this.#at === this.#bytes.length && this.#more.length === 0) {
      this.#bytes = chunk;
      this.#at = 0;
    } else {
      this.#more.push(chunk);
      this.#moreBytes += chunk.length;
    }
  }

  /**
   * The words of the next request; undefined if it is not whole yet.
   * @throws RespError, once, where there is no telling any more what is meant
   */
  next(): Buffer[] | undefined {
    if (this.#isBroken || this.waitingBytes < this.#wanted) return undefined;
    this.#join();
    try {
      return this.#next();
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }

  #next(): Buffer[] | undefined {
    for (;;) {
      const first = this.#bytes[this.#at];
      if (first === undefined) return undefined;
      const words = first === star ? this.#array() : this.#line();
      // Empty requests are none.
      if (words === undefined || words.length > 0) return words;
    }
  }

  #join(): void {
    this.#wanted = 0;
    if (this.#more.length === 0) return;
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...this.#more]);
    this.#at = 0;
    this.#more = [];
    this.#moreBytes = 0;
  }

  #array(): Buffer[] | undefined {
    const bytes = this.#bytes;
    const head = this.#length(this.#at + 1, 'multibulk');
    if (head === undefined) return undefined;
    if (head > wordsMax) throw protocolError('invalid multibulk length');
    const words = new Array<Buffer>(Math.max(head, 0));
    let total = 0;
    let at = this.#behind;
    for (let count = 0; count < head; count += 1) {
      const mark = bytes[at];
      if (mark === undefined) return undefined;
      if (mark !== dollar) throw protocolError(`expected '$', got '${String.fromCharCode(mark)}'`);
      const length = this.#length(at + 1, 'bulk');
      if (length === undefined) return undefined;
      total += length;
      if (length < 0 || length > wordBytesMax || total > requestBytesMax) {
        throw protocolError('invalid bulk length');
      }
      const begin = this.#behind;
      const end = begin + length;
      if (end + 2 > bytes.length) {
        this.#wanted = end + 2 - this.#at;
        return undefined;
      }
      if (bytes[end] !== cr || bytes[end + 1] !== lf)
        throw protocolError('expected a line end behind a bulk');
      words[count] = bytes.subarray(begin, end);
      at = end + 2;
    }
    this.#at = at;
    return words;
  }

  /** A decimal number up to the end of its line; undefined if that is not there yet. */
  #length(from: number, what: 'multibulk' | 'bulk'): number | undefined {
    const bytes = this.#bytes;
    let value = 0;
    let at = from;
    const isNegative = bytes[at] === 45;
    if (isNegative) at += 1;
    const firstDigit = at;
    for (; at < bytes.length; at += 1) {
      const code = bytes[at] ?? 0;
      if (code === cr) break;
      const digit = code - 48;
      if (digit < 0 || digit > 9 || at - from > lengthBytesMax) throw protocolError(`invalid ${what} length`);
      value = value * 10 + digit;
    }
    if (at + 1 >= bytes.length) return undefined;
    if (at === firstDigit || bytes[at + 1] !== lf) throw protocolError(`invalid ${what} length`);
    this.#behind = at + 2;
    return isNegative ? -value : value;
  }

  /** As a person types it: words between spaces. */
  #line(): Buffer[] | undefined {
    const end = this.#bytes.indexOf(lf, this.#at);
    const length = (end < 0 ? this.#bytes.length : end) - this.#at;
    if (length > inlineBytesMax) throw protocolError('too big inline request');
    if (end < 0) return undefined;
    const line = this.#bytes.subarray(
      this.#at,
      end > this.#at && this.#bytes[end - 1] === cr ? end - 1 : end,
    );
    this.#at = end + 1;
    return inlineWords(line);
  }
}

const hexDigit = /^[0-9a-fA-F]{2}$/;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/** Words may stand in quotes: in double ones a backslash gives special characters, in single ones it gives the quote. */
function inlineWords(line: Buffer): Buffer[] {
  const text = line.toString('latin1');
  const words: Buffer[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text[at])) at += 1;
    if (at === text.length) return words;
    let word = '';
    while (at < text.length && !isSpace(text[at])) {
      const quote = text[at] ?? '';
      if (quote === '"' || quote === "'") {
        const quoted = readQuoted(text, at + 1, quote);
        word += quoted.value;
        at = quoted.next;
        if (at < text.length && !isSpace(text[at])) throw unbalanced();
      } else {
        word += quote;
        at += 1;
      }
    }
    if (words.push(Buffer.from(word, 'latin1')) > wordsMax) throw protocolError('invalid multibulk length');
  }
}

function readQuoted(
  text: string,
  from: number,
  quote: string,
): { readonly value: string; readonly next: number } {
  let value = '';
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === quote) return { value, next: at + 1 };
    if (char !== '\\' || at + 1 >= text.length) value += char;
    else if (quote === "'") {
      if (text[at + 1] === "'") at += 1;
      value += text[at] ?? '';
    } else {
      const hex = text.slice(at + 2, at + 4);
      const isHex = text[at + 1] === 'x' && hexDigit.test(hex);
      const next = text[at + 1] ?? '';
      value += isHex ? String.fromCharCode(parseInt(hex, 16)) : (escapes[next] ?? next);
      at += isHex ? 3 : 1;
    }
  }
  throw unbalanced();
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\0';
}

function unbalanced(): RespError {
  return protocolError('unbalanced quotes in request');
}

function protocolError(problem: string): RespError {
  return new RespError(`Protocol error: ${problem}`);
}
