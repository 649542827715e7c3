import { crc32 } from 'node:zlib';

/** What happened in a run, line by line: `MS MACHINE WHAT`, in ms since it began. Two runs of one seed have the same. */
export class Trace {
  readonly lines: string[] = [];
  readonly #isOn: boolean;
  readonly #startMs: number;
  #hash = 0;
  #count = 0;

  /** @param isOn - where it is off, nothing is kept and `hash` stays that of nothing */
  constructor(isOn: boolean, startMs = 0) {
    this.#isOn = isOn;
    this.#startMs = startMs;
  }

  /** @param detail - apart from `what`, for it costs something to put texts together that nobody reads */
  add(atMs: number, machine: string, what: string, detail = ''): void {
    if (!this.#isOn) return;
    const line = `${atMs - this.#startMs} ${machine} ${what}${detail === '' ? '' : ` ${detail}`}`;
    this.lines.push(line);
    this.#hash = crc32(`${line}\n`, this.#hash);
    this.#count += 1;
  }

  /** The number of lines and the checksum of all of them. */
  get hash(): string {
    return `${this.#count}-${this.#hash.toString(16).padStart(8, '0')}`;
  }
}
