import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeAtomically } from '../../cluster/writeAtomically.js';

const linesMax = 1000;
/** The file is cut when it has so many times that. */
const slack = 2;
/** A longer line is not kept. */
const lineCharactersMax = 4096;

/**
 * What was typed in shells, in a file that only its owner can read. Lines are added one by one, so that several shells at
 * once all find their lines in it.
 */
export class ShellHistory {
  /** Oldest first; at most 1000. */
  readonly lines: readonly string[];
  readonly #path: string;

  /** @throws the system's error where the file cannot be read or written */
  constructor(path: string) {
    this.#path = path;
    const lines = readLines(path);
    this.lines = lines.slice(-linesMax);
    if (lines.length > slack * linesMax) writeAtomically(path, textOf(this.lines));
  }

  /** @throws the system's error */
  add(line: string): void {
    if (line.trim() === '' || line.length > lineCharactersMax) return;
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    appendFileSync(this.#path, textOf([line]), { mode: 0o600 });
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
