import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport } from '../../src/demo/report.js';
import { scenarioNames } from '../../src/demo/scenarioNames.js';

const bin = fileURLToPath(new URL('../../bin/dev.js', import.meta.url));
let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'kvc-demo-test-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Outcome {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command from source. Whatever it keeps is in `home`. */
function demo(args: readonly string[], onOut?: (out: string, pid: number) => void): Promise<Outcome> {
  const env = { ...process.env, KVC_HOME: join(home, 'kvc'), TMPDIR: home, NO_COLOR: '1' };
  const child = spawn(process.execPath, [bin, 'demo', ...args], { env });
  let [out, err] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    onOut?.(out, child.pid ?? 0);
  });
  return new Promise((resolve) => child.once('close', (exit) => resolve({ exit, out, err })));
}

const runs = new Map<string, Promise<Outcome>>();

/** The one run of a scenario in a mode, whoever asks for it first. */
function played(scenario: string, delivery: string): Promise<Outcome> {
  const name = `${scenario} ${delivery}`;
  const run = runs.get(name) ?? playToVerdict([scenario, '--delivery', delivery, '--json']);
  runs.set(name, run);
  return run;
}

/** On a busy machine a message may take so long that the situation does not come about, which is exit 11: once more. */
async function playToVerdict(args: readonly string[]): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await demo(args);
    if (outcome.exit !== 11 || attempt === 3) return outcome;
  }
}

function reportOf({ out }: Outcome): DemoReport {
  return JSON.parse(out) as DemoReport;
}

/** tsx keeps a cache of its own in the temporary directory. */
function leftovers(): string[] {
  return readdirSync(home).filter((name) => !name.startsWith('tsx-'));
}

function claims({ checks }: DemoReport): [string, boolean][] {
  return checks.map(({ claim, holds }) => [claim, holds]);
}

const shownByFifo = ['dependent-write', 'lost-ring'];

/** Two demos at once, on a machine that runs other tests as well. */
const demoMsMax = 90_000;

describe('kvc demo', () => {
  it.each(scenarioNames)(
    '%s: consistent, and an anomaly with fifo where that shows one',
    async (name) => {
      const [causal, fifo] = await Promise.all([played(name, 'causal'), played(name, 'fifo')]);
      expect(causal).toMatchObject({ exit: 0, err: '' });
      const report = reportOf(causal);
      expect(report).toMatchObject({ scenario: name, delivery: 'causal', verdict: 'consistent' });
      expect(report.checks.length).toBeGreaterThan(0);
      expect(claims(report).filter(([, holds]) => !holds)).toEqual([]);

      const isShown = shownByFifo.includes(name);
      expect(fifo).toMatchObject({ exit: isShown ? 10 : 0, err: '' });
      expect(reportOf(fifo)).toMatchObject({ delivery: 'fifo', verdict: isShown ? 'anomaly' : 'consistent' });
      expect(leftovers()).toEqual([]);
    },
    demoMsMax,
  );

  it(
    'shows in its report that the situation came about: b waited at node3 for a',
    async () => {
      const report = reportOf(await played('dependent-write', 'causal'));
      const atNode3 = report.timeline.filter(({ node, kind }) => node === 'node3' && kind !== 'read');
      expect(atNode3).toMatchObject([
        { kind: 'waiting', label: 'b=2', missing: { node: 'node1', counter: 1 } },
        { kind: 'delivered', label: 'a=1' },
        { kind: 'delivered', label: 'b=2' },
      ]);
      const pending = report.steps
        .flatMap(({ effects }) => effects)
        .find((line) => line.startsWith('pending'));
      expect(pending).toMatch(
        /^pending \(1\) {2}b=2 from node2:1, waiting \d.* for node1:1, which fault f1 holds back on node1 → node3$/,
      );
    },
    demoMsMax,
  );

  it(
    'tells people the story, and leaves no process and no file when it is interrupted',
    async () => {
      let nodes: number[] = [];
      const outcome = await demo([], (out, pid) => {
        if (nodes.length > 0 || !out.includes('kvc write --node 1 a 1')) return;
        nodes = nodesOf(pid);
        process.kill(pid, 'SIGINT');
      });
      expect(outcome).toMatchObject({ exit: 130, err: '' });
      expect(outcome.out).toMatch(/^A write overtakes/);
      expect(outcome.out).not.toContain('Consistent');
      expect(nodes).toHaveLength(3);
      expect(nodes.filter(isAlive)).toEqual([]);
      expect(leftovers()).toEqual([]);
    },
    demoMsMax,
  );

  it('refuses a scenario that there is not, and names those that there are', async () => {
    const { exit, err } = await demo(['nosuch']);
    expect(exit).toBe(2);
    expect(err).toContain(scenarioNames.join(', '));
  });
});

/** The processes of its nodes; tsx has one of its own. */
function nodesOf(pid: number): number[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return text
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , parent, args]) => Number(parent) === pid && args?.includes('--instance'))
    .map(([, child]) => Number(child));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
