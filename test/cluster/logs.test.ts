import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followLogs } from '../../src/cluster/followLogs.js';
import { loggedNames, logPath, openLog, readEnd } from '../../src/cluster/logFile.js';
import { parseLogLines, renderLogLine, renderLogLines } from '../../src/cluster/logLine.js';
import { readLogs } from '../../src/cluster/readLogs.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kvc-logs-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const at = (ms: number): string => new Date(1_700_000_000_000 + ms).toISOString();
const line = (ms: number, node: string, message: string, facts: object = {}, level = 'info'): string =>
  `${JSON.stringify({ time: at(ms), level, node, message, ...facts })}\n`;
function write(node: string, text: string): void {
  mkdirSync(dirname(logPath(dir, node)), { recursive: true });
  appendFileSync(logPath(dir, node), text);
}

describe('log lines', () => {
  it('render as time, node, level, message, facts', () => {
    const [rendered] = renderLogLines(
      line(123, 'node1', 'link is back', { peer: 'node2', why: 'a "b"', n: 3 }),
    );
    expect(rendered).toMatch(/^\d\d:\d\d:\d\d\.123 node1 info link is back peer=node2 why="a \\"b\\"" n=3$/);
  });

  it('that are no JSON show as errors at the time of the line before', () => {
    const parsed = parseLogLines(`${line(5, 'node1', 'ready')}Segmentation fault\n`, 'node1');
    expect(parsed[1]).toMatchObject({
      level: 'error',
      message: 'Segmentation fault',
      timeMs: parsed[0]!.timeMs,
    });
  });

  it('cannot command a terminal', () => {
    const [parsed] = parseLogLines(line(0, 'node1', 'key \u001b[2Jx\u0007'), 'node1');
    expect(renderLogLine(parsed!)).toContain('key \\x1b[2Jx\\x07');
  });
});

describe('readLogs', () => {
  it('merges by time, and keeps what passes the filter', () => {
    write('node1', line(1, 'node1', 'a') + line(4, 'node1', 'd', {}, 'error'));
    write('node2', line(2, 'node2', 'b', {}, 'warn') + line(3, 'node2', 'c', {}, 'debug'));
    const messages = (filter: object): string =>
      readLogs(dir, ['node1', 'node2', 'node3'], filter)
        .map(({ message }) => message)
        .join('');
    expect(messages({})).toBe('abcd');
    expect(messages({ level: 'warn' })).toBe('bd');
    expect(messages({ sinceMs: Date.parse(at(3)) })).toBe('cd');
  });

  it('reads the end of a long log from the start of a line', () => {
    write('node1', 'first line\nsecond line\nthird\n');
    expect(readEnd(logPath(dir, 'node1'), 12)).toBe('third\n');
  });
});

describe('followLogs', () => {
  it('gives what is added, in whole lines, from the start', () => {
    write('node1', line(1, 'node1', 'old'));
    const seen: string[] = [];
    const stop = followLogs(
      dir,
      () => ['node1'],
      (lines) => seen.push(...lines.map(({ message }) => message)),
    );
    expect(seen).toEqual(['old']);
    const added = line(2, 'node1', 'nöw');
    write('node1', added.slice(0, 60));
    write('node1', added.slice(60) + '{"half":');
    stop();
    expect(seen).toEqual(['old', 'nöw']);
  });

  it('takes up the log of a node that comes meanwhile, from its start', () => {
    write('node1', line(1, 'node1', 'old'));
    const seen: string[] = [];
    const stop = followLogs(
      dir,
      () => loggedNames(dir),
      (lines) => {
        seen.push(...lines.map(({ message }) => message));
      },
    );
    write('node2', line(2, 'node2', 'joined'));
    stop();
    expect(seen).toEqual(['old', 'joined']);
    expect(loggedNames(join(dir, 'nowhere'))).toEqual([]);
  });

  it('goes on with the new file when a log is begun anew', () => {
    write('node1', line(1, 'node1', 'old'));
    const seen: string[] = [];
    const stop = followLogs(
      dir,
      () => ['node1'],
      (lines) => seen.push(...lines.map(({ message }) => message)),
    );
    renameSync(logPath(dir, 'node1'), `${logPath(dir, 'node1')}.1`);
    write('node1', line(2, 'node1', 'new'));
    stop();
    expect(seen).toEqual(['old', 'new']);
  });
});

describe('openLog', () => {
  it('begins a log anew beyond 5 MiB, and keeps one old', () => {
    const path = logPath(dir, 'node1');
    write('node1', 'x'.repeat(5 * 1024 * 1024 + 1));
    writeFileSync(openLog(path), 'new\n');
    expect(readEnd(path, 100)).toBe('new\n');
    expect(readEnd(`${path}.1`, 3)).toBe('xxx');
  });
});
