import { isUtf8 } from 'node:buffer';
import { keptCopy } from '../../core/bytes.js';
import { unreadable } from './unreadable.js';

/** Reads what a `ByteWriter` wrote, all of which is whole in memory. Everything throws KVC_E_BAD_REQUEST where it is not there. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @throws KvcError KVC_E_BAD_REQUEST if anything is left */
  requireEnd(): void {
    if (this.#at !== this.#bytes.length) throw unreadable('it is longer than what it says');
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw endsEarly();
    this.#at += 1;
    return value;
  }

  /** A safe integer from 0 up. */
  number(): number {
    const first = this.byte();
    if (first < 0x40) return first;
    if (first < 0x80) return ((first & 0x3f) << 8) | this.byte();
    this.#at -= 1;
    const high = this.#next32() & 0x3fff_ffff;
    if (first < 0xc0) return high;
    const value = high * 2 ** 32 + (this.#next32() >>> 0);
    if (!Number.isSafeInteger(value)) throw unreadable('a number is too large');
    return value;
  }

  /** A number of things that follow, each of at least one byte. */
  count(max: number, what: string): number {
    const value = this.number();
    if (value > max) throw unreadable(`it has ${value} ${what}; at most ${max} are allowed`);
    if (value > this.#bytes.length - this.#at) throw endsEarly();
    return value;
  }

  text(bytesMax: number, what: string): string {
    const at = this.#startOf(bytesMax, what);
    const length = this.#at - at;
    const text = this.#bytes.toString('utf8', at, at + length);
    // It stands for what is no UTF-8, unless it was meant.
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(at, at + length))) {
      throw unreadable(`${what} is no UTF-8`);
    }
    return text;
  }

  /** Bytes in memory of their own: they may be kept long, and must not keep all that they came with. */
  bytes(bytesMax: number, what: string): Uint8Array {
    const at = this.#startOf(bytesMax, what);
    const { buffer, byteOffset } = this.#bytes;
    // A plain view: to make one that is a Buffer takes as long as to copy.
    return keptCopy(new Uint8Array(buffer, byteOffset + at, this.#at - at));
  }

  /** Reads how long a text is, or bytes, and skips it. @returns where it begins */
  #startOf(bytesMax: number, what: string): number {
    const length = this.number();
    if (length > bytesMax)
      throw unreadable(`it has ${length} bytes of ${what}; at most ${bytesMax} are allowed`);
    return this.#skip(length);
  }

  /** 32 bits, the highest first; negative where that is set. */
  #next32(): number {
    const bytes = this.#bytes;
    const at = this.#skip(4);
    return (
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)
    );
  }

  #skip(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw endsEarly();
    this.#at = at + count;
    return at;
  }
}

function endsEarly(): Error {
  return unreadable('it ends early');
}
