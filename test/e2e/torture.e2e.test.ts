import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseHistoryLine } from '../../src/check/formats/ndjson.js';
import type { TortureReport } from '../../src/torture/tortureReport.js';
import { resultOf } from '../support/kvcHome.js';
import { until } from '../support/until.js';

const bin = fileURLToPath(new URL('../../bin/run.cjs', import.meta.url));

/** Where the runs of a test make their files; it is new for each. */
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kvc-torture-test-'));
});
afterEach(() => {
  for (const pid of processes()) process.kill(pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcess {
  const env = { ...process.env, KVC_HOME: join(dir, 'home'), TMPDIR: dir, NO_COLOR: '1' };
  return spawn(process.execPath, [bin, 'torture', ...args], { env });
}

async function torture(...args: string[]): Promise<{ exit: number | null; report: TortureReport }> {
  const { exit, out, err } = await resultOf(start(...args, '--json'));
  expect(err).toBe('');
  return { exit, report: JSON.parse(out) as TortureReport };
}

/** All that were started by a test, nodes included, and live. */
function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`TMPDIR=${dir}`);
      } catch {
        return false;
      }
    });
}

/** By SIGSTOP. */
function isStopped(pid: number): boolean {
  return / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

describe('kvc torture', { timeout: 180_000 }, () => {
  it('breaks a cluster in every way in 10 s, and finds what clients saw to be consistent', async () => {
    const { exit, report } = await torture('--for', '10s', '--seed', '3');
    expect({ reasons: report.reasons, findings: report.findings }).toEqual({ reasons: [], findings: [] });
    expect(
      report.checked.levels.filter(({ isClaimed, verdict }) => isClaimed && verdict !== 'consistent'),
    ).toEqual([]);
    expect(exit).toBe(0);
    const { nemesis, counts, clientsDid } = report;
    expect(nemesis.kills + nemesis.crashes).toBeGreaterThan(0);
    expect(nemesis.pauses).toBeGreaterThan(0);
    expect(nemesis.partitions).toBeGreaterThan(0);
    expect(nemesis.disksLost + nemesis.tailsCut + nemesis.flipsNoticed).toBeGreaterThan(0);
    expect(nemesis.added + nemesis.removed).toBeGreaterThan(0);
    for (const count of [counts.dropped, counts.duplicated, counts.reordered])
      expect(count).toBeGreaterThan(0);
    expect(report.largestSkewMs).toBeGreaterThan(1_800_000);
    expect(clientsDid.deduplicated).toBeGreaterThan(0);
    expect(report.checked.coverage.readsOfSiblings).toBeGreaterThan(0);
    // Nothing stays of a run without a fault.
    expect(readdirSync(dir)).toEqual([]);
    expect(processes()).toEqual([]);
  });

  it('finds what clients saw over the Redis protocol to be consistent, too, and still sees where it is not', async () => {
    const { exit, report } = await torture('--for', '10s', '--seed', '3', '--protocol', 'resp');
    expect({ reasons: report.reasons, findings: report.findings }).toEqual({ reasons: [], findings: [] });
    const claimed = report.checked.levels.filter(({ isClaimed }) => isClaimed);
    expect(claimed.filter(({ verdict }) => verdict !== 'consistent')).toEqual([]);
    expect(exit).toBe(0);
    const { coverage } = report.checked;
    expect(coverage.readsAtRiskOfOthers).toBeGreaterThan(coverage.reads / 4);
    expect(coverage.readsUnattributed).toBeLessThan(coverage.reads / 20);
    const fifo = await torture('--for', '20s', '--delivery', 'fifo', '--protocol', 'resp');
    expect(fifo).toMatchObject({ exit: 10, report: { protocol: 'resp', verdict: 'violation' } });
    rmSync(fifo.report.kept!, { recursive: true });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('finds a cluster that ignores dependencies out, and keeps what shows it', async () => {
    const history = join(dir, 'kept');
    const { exit, report } = await torture('--for', '20s', '--delivery', 'fifo', '--history', history);
    expect(exit).toBe(10);
    expect(report).toMatchObject({ verdict: 'violation', delivery: 'fifo', kept: history });
    const broken = report.checked.levels.flatMap(({ anomaly }) => anomaly ?? []);
    expect(broken.map(({ pattern }) => pattern).join()).toMatch(/WriteCO|Cyclic/);
    for (const { witness } of broken) expect(witness.operations.length).toBeLessThanOrEqual(20);
    const lines = readFileSync(join(history, 'history.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(500);
    lines.forEach((line, index) => parseHistoryLine(line, index + 1));
    expect(readdirSync(history).sort()).toEqual([
      'history.ndjson',
      'logs',
      'report.json',
      'report.txt',
      'schedule.json',
      'trace.ndjson',
      'violation.svg',
    ]);
    expect(readdirSync(dir)).toEqual(['kept']);
  });

  it('draws the same schedule from the same seed', async () => {
    const schedules = ['one', 'two'].map(async (name) => {
      const history = join(dir, name);
      await torture('--for', '1s', '--faults', 'clock,packet', '--seed', '5', '--history', history);
      return readFileSync(join(history, 'schedule.json'), 'utf8');
    });
    const [one, two] = await Promise.all(schedules);
    expect(one).toBe(two);
  });

  it.each([
    ['Ctrl-C', 'SIGINT'],
    ['a request to end', 'SIGTERM'],
  ] as const)('leaves nothing behind after %s, not even a frozen node', async (_what, signal) => {
    const child = start('--for', '60s', '--faults', 'pause');
    const result = resultOf(child);
    await until('a node is frozen', () => processes().some(isStopped), 30_000);
    child.kill(signal);
    expect((await result).exit).toBe(130);
    await until('no process is left', () => processes().length === 0);
    expect(readdirSync(dir)).toEqual([]);
  });

  it.each([
    [['--faults', 'flood'], /--faults takes/],
    [['--protocol', 'smtp'], /--protocol=smtp to be one of: http, resp/],
    [['--nodes', '2'], /--nodes must be a whole number from 3 to 15/],
    [['--nodes', '16'], /--nodes must be a whole number from 3 to 15/],
    [['--for', '0s'], /--for must be at least 1s/],
    [['--seed', 'x'], /a seed must be/],
    [['--clients', '0'], /--clients must be/],
    [['--history', join(bin, 'kvc')], /the history cannot be kept in/],
  ])('refuses %j', async (args, message) => {
    const { exit, err } = await resultOf(start(...args));
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });
});
