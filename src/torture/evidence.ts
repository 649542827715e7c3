import { mkdirSync, mkdtempSync, writeFileSync, openSync, writeSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyLineText } from '../check/formats/ndjson.js';
import type { HistoryLine } from '../check/historyLine.js';
import { KvcError, messageOf } from '../errors.js';

const linesAtOnce = 1000;

/** The directory in which a run leaves what explains its verdict. */
export class Evidence {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /**
   * @param wanted - undefined: a new directory beside those of other programs
   * @throws KvcError KVC_E_USAGE if there can be none
   */
  static open(wanted: string | undefined, seed: number): Evidence {
    try {
      if (wanted === undefined) return new Evidence(mkdtempSync(join(tmpdir(), `kvc-history-${seed}-`)));
      mkdirSync(wanted, { recursive: true });
      return new Evidence(wanted);
    } catch (error) {
      throw new KvcError(
        'KVC_E_USAGE',
        `the history cannot be kept in ${wanted ?? tmpdir()}: ${messageOf(error)}`,
      );
    }
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text);
  }

  writeLines(name: string, lines: readonly object[]): void {
    this.#writeAll(name, lines, (line) => JSON.stringify(line));
  }

  writeHistory(name: string, lines: readonly HistoryLine[]): void {
    this.#writeAll(name, lines, historyLineText);
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  #writeAll<T>(name: string, lines: readonly T[], textOf: (line: T) => string): void {
    const file = openSync(this.path(name), 'w');
    try {
      for (let from = 0; from < lines.length; from += linesAtOnce) {
        writeSync(
          file,
          lines
            .slice(from, from + linesAtOnce)
            .map((line) => `${textOf(line)}\n`)
            .join(''),
        );
      }
    } finally {
      closeSync(file);
    }
  }
}
