import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ShellHistory } from '../../../src/cli/shell/shellHistory.js';

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kvc-history-'));
  path = join(dir, 'home', 'shell_history');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('a history is there in the next shell, and only its owner can read it', () => {
  const history = new ShellHistory(path);
  expect(history.lines).toEqual([]);
  history.add('write a 1');
  history.add('   ');
  new ShellHistory(path).add('read a');
  history.add('x'.repeat(4097));
  expect(new ShellHistory(path).lines).toEqual(['write a 1', 'read a']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(dir, 'home')).mode & 0o777).toBe(0o700);
});

it('a history has its last 1000 lines, and its file is cut', () => {
  path = join(dir, 'shell_history');
  const lines = Array.from({ length: 2001 }, (_, index) => `read ${index}`);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  expect(new ShellHistory(path).lines).toEqual(lines.slice(-1000));
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(1001);
});
