import { KvcError } from '../../errors.js';
import { frameHeadBytes } from './frames.js';

export interface Frame {
  readonly type: number;
  /** Part of what was pushed, or of a copy of it where the frame came in pieces. */
  readonly content: Buffer;
}

const noBytes = Buffer.alloc(0);

/** Finds the frames in what arrives, whatever the pieces in which it does. Copies only what came in pieces, and that once. */
export class FrameReader {
  readonly #bytesMax: number;
  #bytes: Buffer = noBytes;
  #at = 0;
  /** Pushed while a frame was not whole. */
  #more: Buffer[] = [];
  #moreBytes = 0;
  /** How many bytes there must be before it is worth looking again. */
  #wanted = frameHeadBytes;

  /** @param bytesMax - of the content of one frame */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
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
   * The next frame; undefined if it is not whole yet.
   * @throws KvcError KVC_E_MESSAGE_TOO_LARGE: then nothing that follows can be read
   */
  next(): Frame | undefined {
    if (this.#bytes.length - this.#at + this.#moreBytes < this.#wanted) return undefined;
    this.#join();
    const length = this.#bytes.readUInt32BE(this.#at);
    if (length > this.#bytesMax) throw this.#tooLarge(length);
    const start = this.#at + frameHeadBytes;
    const end = start + length;
    if (end > this.#bytes.length) {
      this.#wanted = frameHeadBytes + length;
      return undefined;
    }
    const type = this.#bytes.readUInt8(start - 1);
    this.#at = end;
    this.#wanted = frameHeadBytes;
    return { type, content: this.#bytes.subarray(start, end) };
  }

  #join(): void {
    if (this.#more.length === 0) return;
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...this.#more]);
    this.#at = 0;
    this.#more = [];
    this.#moreBytes = 0;
  }

  #tooLarge(length: number): KvcError {
    const message = `a frame of the link is ${length} bytes long; at most ${this.#bytesMax} are allowed`;
    return new KvcError('KVC_E_MESSAGE_TOO_LARGE', message, { limit: this.#bytesMax });
  }
}
