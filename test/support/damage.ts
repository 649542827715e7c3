import { closeSync, openSync, readdirSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Changes one byte of a file. */
export function flipByte(path: string, position: number): void {
  const file = openSync(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    readSync(file, byte, 0, 1, position);
    byte[0]! ^= 0xff;
    writeSync(file, byte, 0, 1, position);
  } finally {
    closeSync(file);
  }
}

/** Overwrites a file with 0x5a, from `start` on, a part of its size in bytes. */
export function overwrite(path: string, start: number, bytes: number): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, Buffer.alloc(bytes, 0x5a), 0, bytes, start);
  } finally {
    closeSync(file);
  }
}

/** Cuts off the second half of a file. */
export function halve(path: string): void {
  truncateSync(path, Math.floor(sizeOf(path) / 2));
}

export function sizeOf(path: string): number {
  return statSync(path).size;
}

/** The files in a directory, at any depth, whose path from there matches, sorted. */
export function filesIn(dir: string, pattern: RegExp): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path))
    .sort()
    .map((path) => join(dir, path));
}
