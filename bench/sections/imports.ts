import { pathToFileURL } from 'node:url';
import type { Goal, Report } from '../measure/report.js';
import { summarise, summariseRatios } from '../measure/statistics.js';
import { outputOfNode, timeNode } from '../processes/command.js';
import { paths } from '../processes/paths.js';
import type { SectionOptions } from './section.js';

/** What is imported, each in a process of its own, in the order of every round. */
const urls = {
  undici: import.meta.resolve('undici'),
  kvc: pathToFileURL(`${paths.dist}index.js`).href,
  'kvc/keyv': pathToFileURL(`${paths.dist}keyv/index.js`).href,
  'kvc/unstorage': pathToFileURL(`${paths.dist}unstorage/index.js`).href,
} as const;

type Name = keyof typeof urls;
const names = Object.keys(urls) as Name[];

interface Times {
  /** From before the import to when it is done. */
  readonly importMs: number;
  /** From spawning the process, which does nothing else, to its exit. */
  readonly processMs: number;
}

/** What importing the package costs an application, beside what importing undici alone does. */
export async function benchImports({ quick }: SectionOptions): Promise<Report> {
  const rounds: Record<Name, Times>[] = [];
  // The first round fills the caches of the file system.
  for (let round = -1; round < (quick ? 15 : 51); round += 1) {
    const times = await measureRound();
    if (round >= 0) rounds.push(times);
  }
  return report(rounds);
}

async function measureRound(): Promise<Record<Name, Times>> {
  const times: [string, Times][] = [];
  for (const name of names) {
    const importing = `await import(${JSON.stringify(urls[name])})`;
    const clocked = `const began = performance.now(); ${importing}; console.log(performance.now() - began);`;
    const importMs = Number(await outputOfNode(moduleOf(clocked)));
    times.push([name, { importMs, processMs: await timeNode(moduleOf(importing)) }]);
  }
  return Object.fromEntries(times) as Record<Name, Times>;
}

function moduleOf(text: string): string[] {
  return ['--input-type=module', '--eval', text];
}

function report(rounds: readonly Record<Name, Times>[]): Report {
  const times = (name: Name, kind: keyof Times) => rounds.map((round) => round[name][kind]);
  const ratio = (name: Name, kind: keyof Times, label: string): Goal => ({
    label: `${label} / import 'undici'`,
    unit: 'x',
    bound: 'at most',
    target: 1.3,
    ...summariseRatios(times(name, kind), times('undici', kind)),
  });
  return {
    name: 'import',
    title: 'import of the built package, each in a new process',
    figures: names.flatMap((name) => [
      { label: `import '${name}'`, unit: 'ms', ...summarise(times(name, 'importMs')) },
      { label: `a process that imports '${name}'`, unit: 'ms', ...summarise(times(name, 'processMs')) },
    ]),
    goals: [
      ratio('kvc', 'importMs', "import 'kvc'"),
      ratio('kvc', 'processMs', "process: import 'kvc'"),
      ratio('kvc/keyv', 'importMs', "import 'kvc/keyv'"),
      ratio('kvc/unstorage', 'importMs', "import 'kvc/unstorage'"),
    ],
    notes: [
      'import: by the clock of the process, without its own start; process: from spawning it to its exit',
    ],
    faults: [],
  };
}
