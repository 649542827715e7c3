const firstBytes = 128;
/** A buffer that grew beyond it is given away with its answer. */
const keptBytesMax = 64 * 1024;

const star = 42;
const dollar = 36;
const colon = 58;
const zero = 48;
/** A mark, sixteen digits, the end of the line. */
const numberBytesMax = 19;
/** Of longer texts the rest is left to the system. */
const shortMax = 32;

/**
 * Answers of the Redis protocol, in the version that the client has chosen, one behind the other. What version 2 has no form
 * for is told in the form that it has: maps and sets as arrays.
 */
export class ReplyWriter {
  protocol: 2 | 3 = 2;
  #bytes = Buffer.allocUnsafe(firstBytes);
  #size = 0;

  /** Bytes written and not taken. */
  get size(): number {
    return this.#size;
  }

  /** @param text - of one line */
  simple(text: string): void {
    this.#line('+', text);
  }

  /** @param code - a word */
  error(code: string, message: string): void {
    this.#line('-', `${code} ${message}`.replace(/[\r\n]+/g, ' '));
  }

  integer(value: number): void {
    if (value >= 0) this.#number(colon, value);
    else this.#line(':', String(value));
  }

  bulk(value: Uint8Array | string): void {
    const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    this.#number(dollar, length);
    this.#reserve(length + 2);
    if (typeof value === 'string') this.#bytes.write(value, this.#size);
    else this.#bytes.set(value, this.#size);
    this.#size += length;
    this.#end();
  }

  nil(): void {
    this.#line(this.protocol === 3 ? '_' : '$-1', '');
  }

  /** Where an array was asked for. */
  nilArray(): void {
    this.#line(this.protocol === 3 ? '_' : '*-1', '');
  }

  /** The elements are to be written next. */
  array(count: number): void {
    this.#number(star, count);
  }

  set(count: number): void {
    this.#line(this.protocol === 3 ? '~' : '*', String(count));
  }

  /** @param count - of pairs */
  map(count: number): void {
    if (this.protocol === 3) this.#line('%', String(count));
    else this.#line('*', String(count * 2));
  }

  /** What was written since the last call, which the writer does not touch any more; undefined if that is nothing. */
  take(): Buffer | undefined {
    if (this.#size === 0) return undefined;
    const taken = this.#bytes.subarray(0, this.#size);
    this.#bytes = Buffer.allocUnsafe(Math.min(Math.max(this.#size, firstBytes), keptBytesMax));
    this.#size = 0;
    return taken;
  }

  /** @param text - whose characters have one byte each, or are not many */
  #line(mark: string, text: string): void {
    this.#reserve(mark.length + text.length * 3 + 2);
    this.#text(mark);
    this.#text(text);
    this.#end();
  }

  /** Short and ASCII, as most: a loop is faster than a call out of JavaScript. */
  #text(text: string): void {
    const bytes = this.#bytes;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f || index > shortMax) {
        this.#size += bytes.write(text.slice(index), this.#size + index) + index;
        return;
      }
      bytes[this.#size + index] = unit;
    }
    this.#size += text.length;
  }

  /** A safe integer that is not negative, digit by digit, the last one first. */
  #number(mark: number, value: number): void {
    this.#reserve(numberBytesMax);
    const bytes = this.#bytes;
    bytes[this.#size] = mark;
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    let rest = value;
    for (let at = this.#size + digits; at > this.#size; at -= 1) {
      const next = Math.floor(rest / 10);
      bytes[at] = zero + (rest - next * 10);
      rest = next;
    }
    this.#size += 1 + digits;
    this.#end();
  }

  #end(): void {
    this.#bytes[this.#size] = 13;
    this.#bytes[this.#size + 1] = 10;
    this.#size += 2;
  }

  #reserve(bytes: number): void {
    const needed = this.#size + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#size);
    this.#bytes = grown;
  }
}
