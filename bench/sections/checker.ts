import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figure, Goal, Report } from '../measure/report.js';
import { summarise, summariseRatios } from '../measure/statistics.js';
import type { SectionOptions } from './section.js';

const sessions = 50;
const sizes = [10_000, 30_000, 100_000, 300_000] as const;
const goalSize = 100_000;
const program = fileURLToPath(new URL('../processes/checkOnce.ts', import.meta.url));

interface Run {
  readonly ms: number;
  readonly bytes: number;
  readonly verdict: string;
}

/** One history size, of a store that keeps causal order or one that does not. */
interface Case {
  readonly operations: number;
  readonly delivery: 'causal' | 'fifo';
  readonly runs: Run[];
}

/**
 * What it takes to judge a history for every level, and how that grows with its length. In processor time: nothing here
 * waits. A history with violations costs more, for their witnesses are made small.
 */
export function benchChecker({ quick }: SectionOptions): Promise<Report> {
  const rounds = quick ? 1 : 3;
  const measured = quick ? sizes.filter((operations) => operations <= goalSize) : sizes;
  const cases = measured.flatMap((operations): Case[] => [
    { operations, delivery: 'causal', runs: [] },
    { operations, delivery: 'fifo', runs: [] },
  ]);
  for (let round = 0; round < rounds; round += 1) for (const each of cases) each.runs.push(measure(each));
  return Promise.resolve({
    name: 'checker',
    title: `judging a history of ${sessions} sessions for all levels`,
    figures: cases.flatMap(figuresOf),
    goals: goalsOf(cases),
    notes: [
      '1,000 keys, one operation in ten a transaction of 2 to 4 accesses, one write in a hundred without an answer',
      'the time is without reading the history from a file; the memory is of the whole process, the history included',
    ],
    faults: cases.flatMap(({ operations, delivery, runs }) => {
      const expected = delivery === 'causal' ? 'consistent' : 'violation';
      const isWrong = runs.some(({ verdict }) => (verdict === 'violation') !== (expected === 'violation'));
      return isWrong ? [`${operations} operations, ${delivery}: the verdict is not ${expected}`] : [];
    }),
  });
}

function measure({ operations, delivery }: Case): Run {
  const args = ['--import', 'tsx', program, String(operations), String(sessions), delivery];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Run;
}

function figuresOf({ operations, delivery, runs }: Case): Figure[] {
  const label = `${operations.toLocaleString('en-US')} operations, ${delivery === 'causal' ? 'consistent' : 'violated'}`;
  return [
    { label, unit: 'ms', ...summarise(runs.map(({ ms }) => ms)) },
    { label, unit: 'MB', ...summarise(runs.map(({ bytes }) => bytes / 1e6)) },
  ];
}

function goalsOf(cases: readonly Case[]): Goal[] {
  const runsOf = (operations: number): readonly Run[] =>
    cases.find((each) => each.operations === operations && each.delivery === 'causal')?.runs ?? [];
  const timesOf = (operations: number): number[] => runsOf(operations).map(({ ms }) => ms / operations);
  const label = `${goalSize.toLocaleString('en-US')} operations`;
  const bytes = runsOf(goalSize).map((run) => run.bytes / 1e6);
  return [
    {
      label,
      unit: 'ms',
      bound: 'at most',
      target: 10_000,
      ...summarise(runsOf(goalSize).map(({ ms }) => ms)),
    },
    { label, unit: 'MB', bound: 'at most', target: 1000, ...summarise(bytes) },
    {
      label: 'time per operation, 100,000 / 30,000',
      unit: 'x',
      bound: 'at most',
      target: 2,
      ...summariseRatios(timesOf(goalSize), timesOf(30_000)),
    },
  ];
}
