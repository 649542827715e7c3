import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const loader = fileURLToPath(new URL('../../bin/loadProgram.cjs', import.meta.url));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kvc-program-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A program that says a word, by a function that is compiled only because it is called. */
function program(name: string, word: string): string {
  const path = join(dir, `${name}.cjs`);
  writeFileSync(path, `// ${word}\nfunction say() { return '${word}'; }\nexports.word = say();\n`);
  return path;
}

/** Loads it in a process of its own. @returns what the program exports */
function load(path: string, ...flags: string[]): string {
  const script = `console.log(require(${JSON.stringify(loader)}).loadProgram(${JSON.stringify(path)}).word)`;
  return execFileSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' }).trim();
}

function cacheOf(path: string): string {
  return `${path}.${process.version}-${process.arch}.cache`;
}

it('keeps the compiled code beside the program, and does not write it anew', () => {
  const path = program('a', 'hello');
  expect(load(path)).toBe('hello');
  const kept = readFileSync(cacheOf(path));
  // It would go on being used, and not be replaced, if only its version of the function counted.
  expect(load(path)).toBe('hello');
  expect(readFileSync(cacheOf(path))).toEqual(kept);
  expect(readdirSync(dir)).toHaveLength(2);
});

it('runs the code that was kept', () => {
  const path = program('a', 'hello');
  load(path);
  // Of a program that differs in nothing but what the cache cannot know, so that what runs is the code that was kept.
  writeFileSync(path, readFileSync(path, 'utf8').replace("'hello'", "'jello'"));
  expect(load(path)).toBe('hello');
});

it.each([
  ['changed in the middle', (bytes: Buffer) => bytes.fill(255, bytes.length >> 1, (bytes.length >> 1) + 8)],
  ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
  ['cut within its head', (bytes: Buffer) => bytes.subarray(0, 5)],
  ['empty', () => Buffer.alloc(0)],
])('compiles the program again if the code that was kept is %s', (_, damage) => {
  const path = program('a', 'hello');
  load(path);
  const kept = readFileSync(cacheOf(path));
  writeFileSync(cacheOf(path), damage(Buffer.from(kept)));
  expect(load(path)).toBe('hello');
  expect(readFileSync(cacheOf(path))).toHaveLength(kept.length);
});

it('never runs the code of another program', () => {
  const [one, other] = [program('a', 'hello'), program('b', 'jello')];
  load(one);
  copyFileSync(cacheOf(one), cacheOf(other));
  expect(load(other)).toBe('jello');
});

it('compiles the program again where V8 is set otherwise', () => {
  const path = program('a', 'hello');
  load(path);
  const kept = readFileSync(cacheOf(path));
  expect(load(path, '--no-opt')).toBe('hello');
  expect(readFileSync(cacheOf(path))).not.toEqual(kept);
});

it('runs where nothing can be kept, and leaves nothing behind', () => {
  const path = program('a', 'hello');
  mkdirSync(cacheOf(path));
  expect(load(path)).toBe('hello');
  expect(readdirSync(dir)).toHaveLength(2);
});
