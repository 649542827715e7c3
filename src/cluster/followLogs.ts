import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { logPath } from './logFile.js';
import { parseLogLines, type LogLine } from './logLine.js';

const pollMs = 100;
const chunkBytes = 64 * 1024;

/** Of what is there already, no more than this is read of each log. */
const startBytesMax = 8 * 1024 * 1024;

/**
 * Calls back at once with what the logs of a cluster hold, and from then on with what they gain, each time merged by
 * time. It looks ten times a second, which works on every file system.
 * @param names - of the logs that there are now: nodes come while it looks
 * @returns looks once more, then stops
 */
export function followLogs(
  dir: string,
  names: () => readonly string[],
  onLines: (lines: readonly LogLine[]) => void,
): () => void {
  const tails = new Map<string, Tail>();
  const look = (): void => {
    for (const name of names()) if (!tails.has(name)) tails.set(name, new Tail(logPath(dir, name), name));
    const lines = [...tails.values()].flatMap((tail) => tail.read());
    if (lines.length > 0) onLines(lines.sort((left, right) => left.timeMs - right.timeMs));
  };
  look();
  const timer = setInterval(look, pollMs);
  return () => {
    clearInterval(timer);
    look();
  };
}

/** What one growing file gains, in whole lines. A file that was replaced is read from its start. */
class Tail {
  readonly #path: string;
  readonly #name: string;
  #inode: number | undefined;
  #offset = 0;
  #rest = '';
  #decoder = new StringDecoder('utf8');
  /** It started in the middle of a line, which is not shown. */
  #isInsideLine = false;
  #timeMs = Date.now();

  constructor(path: string, name: string) {
    this.#path = path;
    this.#name = name;
    this.#open((file) => {
      const { ino, size } = fstatSync(file);
      this.#inode = ino;
      this.#offset = Math.max(0, size - startBytesMax);
      this.#isInsideLine = this.#offset > 0;
    });
  }

  read(): LogLine[] {
    this.#open((file) => {
      this.#startAnewIfReplaced(file);
      this.#readOn(file);
    });
    const end = this.#rest.lastIndexOf('\n') + 1;
    const lines = parseLogLines(this.#rest.slice(0, end), this.#name, this.#timeMs);
    this.#rest = this.#rest.slice(end);
    this.#timeMs = lines.at(-1)?.timeMs ?? this.#timeMs;
    if (!this.#isInsideLine || end === 0) return lines;
    this.#isInsideLine = false;
    return lines.slice(1);
  }

  #startAnewIfReplaced(file: number): void {
    const { ino, size } = fstatSync(file);
    if (ino === this.#inode && size >= this.#offset) return;
    this.#inode = ino;
    this.#offset = 0;
    this.#isInsideLine = false;
    this.#rest = '';
    this.#decoder = new StringDecoder('utf8');
  }

  #readOn(file: number): void {
    const chunk = Buffer.alloc(chunkBytes);
    for (let length = -1; length !== 0;) {
      length = readSync(file, chunk, 0, chunkBytes, this.#offset);
      this.#offset += length;
      this.#rest += this.#decoder.write(chunk.subarray(0, length));
    }
  }

  /** A log that is not there yet has gained nothing. */
  #open(use: (file: number) => void): void {
    let file: number;
    try {
      file = openSync(this.#path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    try {
      use(file);
    } finally {
      closeSync(file);
    }
  }
}
