const bytesMin = 1024;
/** Where so much was written at once, so much is made room for the next time. */
const roomMax = 128 * 1024;

/**
 * Collects bytes to be sent. Numbers take 1, 2, 4 or 8 bytes, as their first two bits say, so that the small ones, which are
 * most, are short; texts and bytes have their length before them.
 */
export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(bytesMin);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written since the last time, in memory that is not written to again. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(Math.max(bytesMin, this.#length), roomMax));
    this.#length = 0;
    return taken;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A safe integer from 0 up. */
  number(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.#length;
    if (value < 0x40) {
      bytes[at++] = value;
    } else if (value < 0x4000) {
      bytes[at++] = 0x40 | (value >>> 8);
      bytes[at++] = value;
    } else if (value < 0x4000_0000) {
      at = put32(bytes, at, value | 0x8000_0000);
    } else {
      at = put32(bytes, at, Math.floor(value / 2 ** 32) | 0xc000_0000);
      at = put32(bytes, at, value);
    }
    this.#length = at;
  }

  text(value: string): void {
    this.#reserve(value.length * 3 + 8);
    if (value.length < 0x40 && this.#putAscii(value)) return;
    this.number(Buffer.byteLength(value));
    this.#length += this.#bytes.write(value, this.#length, 'utf8');
  }

  bytes(value: Uint8Array): void {
    this.number(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Leaves room for four bytes, to be filled in when it is known what with. @returns where they are */
  gap32(): number {
    this.#reserve(4);
    this.#length += 4;
    return this.#length - 4;
  }

  fill32(at: number, value: number): void {
    put32(this.#bytes, at, value);
  }

  /** Short texts are mostly ASCII: a loop is faster than a call out of JavaScript. */
  #putAscii(value: string): boolean {
    const bytes = this.#bytes;
    const from = this.#length + 1;
    for (let index = 0; index < value.length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) return false;
      bytes[from + index] = unit;
    }
    bytes[this.#length] = value.length;
    this.#length = from + value.length;
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** The lowest 32 bits, the highest first. @returns the place behind them */
function put32(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}
