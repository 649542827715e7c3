const widthDefault = 80;

/** One line that is written over itself, on a terminal only. */
export class LineInPlace {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(text: string): void {
    // Some terminals say that they have no width.
    const width = this.#stream.columns || widthDefault;
    if (this.#stream.isTTY) this.#overwrite(text.slice(0, Math.max(1, width - 1)));
  }

  clear(): void {
    if (this.#stream.isTTY) this.#overwrite('');
  }

  /** ESC [K: what an earlier, longer line left behind goes. */
  #overwrite(text: string): void {
    this.#stream.write(`\r${text}\u001b[K`);
  }
}
