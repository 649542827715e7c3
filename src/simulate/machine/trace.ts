import { crc32 } from 'node:zlib';

/** What happened in a run, line by line: `TIME MACHINE WHAT`. Two runs of one seed have the same. */
export class Trace {
  readonly lines: string[] = [];
  readonly #isOn: boolean;
  #hash = 0;
  #count = 0;

  /** @param isOn - where it is off, nothing is kept and `hash` stays that of nothing */
  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** @param detail - apart from `what`, for it costs something to put texts together that nobody reads */
  add(atMs: number, machine: string, what: string, detail = ''): void {
    if (!this.#isOn) return;
    const line = `${atMs} ${machine} ${what}${detail === '' ? '' : ` ${detail}`}`;
    this.lines.push(line);
    this.#hash = crc32(`${line}\n`, this.#hash);
    this.#count += 1;
  }

  /** The number of lines and the checksum of all of them. */
  get hash(): string {
    return `${this.#count}-${this.#hash.toString(16).padStart(8, '0')}`;
  }
}
