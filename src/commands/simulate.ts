import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import { parseCount } from '../cli/parseCount.js';
import { parsePositions } from '../cli/parsePositions.js';
import { parseSeed } from '../cli/parseSeed.js';
import { errorKinds, KvcError } from '../errors.js';
import type { SimulationReport } from '../simulate/report.js';
import type { SimulateOptions } from '../simulate/simulateMany.js';

/** Ctrl-C, by the custom of shells. */
const interruptedExitCode = 130;

export default class Simulate extends BaseCommand {
  static override summary =
    'Play seeded worlds with the code of whole nodes, in virtual time, and judge them.';
  static override description = [
    'Each seed stands for a cluster, its clients, and everything that goes wrong: loss, partitions, pauses, crashes between ' +
      'any two effects, torn and damaged disks, lost disks, nodes that come and go, wrong clocks. Every step is judged; in the ' +
      'end all faults cease and everything must converge. The same seed is the same run, to the byte.',
    'Exit 0 if all was consistent, 10 at a violation, which is shrunk to a few steps, 11 if something that must be tried ' +
      'never happened.',
    '--json: {verdict: "consistent" | "violation" | "unknown", delivery, first_seed, runs, steps, events, happened: {KIND: ' +
      'COUNT}, missing, stopped, failure: {seed, violations, steps: [{position, text}], steps_total, shrunk_violations, ' +
      'trace, replay, replay_shrunk} | null}.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> simulate',
    '<%= config.bin %> simulate --runs 2000 --seed 1',
    '<%= config.bin %> simulate --delivery fifo',
    '<%= config.bin %> simulate --seed 7 --runs 1 --trace',
  ];
  static override flags = {
    seed: Flags.string({ helpValue: 'S', summary: 'First seed (default: by chance, and told).' }),
    runs: Flags.string({
      helpValue: 'N',
      default: '100',
      summary: 'How many runs, of as many seeds in a row.',
    }),
    nodes: Flags.string({
      helpValue: 'N',
      summary: 'Nodes at the beginning, 2 to 9 (default: by the seed).',
    }),
    steps: Flags.string({
      helpValue: 'N',
      summary: 'Steps of one run, but for retries (default: by the seed).',
    }),
    delivery: Flags.option({
      options: ['causal', 'fifo'] as const,
      default: 'causal' as const,
      summary: 'causal, or fifo, which ignores dependencies and is caught.',
    })(),
    only: Flags.string({
      helpValue: '3,7,12',
      summary: 'Leave out all steps of a single run but these; none: all.',
      dependsOn: ['seed'],
    }),
    trace: Flags.boolean({
      summary: 'Print all that happens in a single run.',
      dependsOn: ['seed'],
      exclusive: ['json'],
    }),
  };

  async run(): Promise<SimulationReport> {
    const { flags } = await this.parse(Simulate);
    const options = await optionsOf(flags);
    if (flags.trace) await this.#trace(options);
    const { interruption } = await import('../demo/interruption.js');
    const { signal } = interruption(process);
    const { simulateMany } = await import('../simulate/simulateMany.js');
    const { simulationText } = await import('../view/simulationText.js');
    const { paintFor } = await import('../view/style.js');
    if (flags.seed === undefined) this.logToStderr(`first seed: ${options.firstSeed}`);
    const isWatched = process.stderr.isTTY && !this.jsonEnabled();
    const report = await simulateMany({
      ...options,
      signal,
      onProgress: isWatched ? (done) => process.stderr.write(`\r${done} of ${options.runs} runs`) : undefined,
    });
    // The line is cleared for what comes.
    if (isWatched) process.stderr.write('\r\u001b[K');
    this.log(simulationText(report, paintFor(process.stdout, process.env)));
    process.exitCode = report.stopped ? interruptedExitCode : exitCodes[report.verdict];
    return report;
  }

  async #trace(options: SimulateOptions): Promise<void> {
    const { runSeed } = await import('../simulate/runSeed.js');
    const { trace } = await runSeed(options.firstSeed, { ...options, isTraced: true });
    for (const line of trace) this.log(line);
  }
}

const exitCodes: Readonly<Record<SimulationReport['verdict'], number>> = {
  consistent: 0,
  violation: errorKinds.KVC_E_ANOMALY.exitCode,
  unknown: errorKinds.KVC_E_VERDICT_UNKNOWN.exitCode,
};

const runsMax = 1_000_000;
const nodesMin = 2;
const nodesMax = 9;
const stepsMax = 10_000;

interface GivenFlags {
  readonly seed?: string | undefined;
  readonly runs: string;
  readonly nodes?: string | undefined;
  readonly steps?: string | undefined;
  readonly delivery: 'causal' | 'fifo';
  readonly only?: string | undefined;
  readonly trace: boolean;
}

/** @throws KvcError KVC_E_USAGE */
async function optionsOf({ seed, runs, nodes, steps, ...flags }: GivenFlags): Promise<SimulateOptions> {
  const options: SimulateOptions = {
    firstSeed: seed === undefined ? Math.floor(Math.random() * 2 ** 31) : parseSeed(seed),
    runs: parseCount(runs, 'the number of runs', runsMax),
    nodes: nodes === undefined ? undefined : parseCount(nodes, 'the number of nodes', nodesMax, nodesMin),
    steps: steps === undefined ? undefined : parseCount(steps, 'the number of steps', stepsMax),
    delivery: flags.delivery,
  };
  parseSeed(`${options.firstSeed + options.runs - 1}`);
  if (flags.trace) requireOneRun(options, '--trace');
  return flags.only === undefined ? options : { ...options, only: await positionsOf(flags.only, options) };
}

async function positionsOf(only: string, options: SimulateOptions): Promise<number[]> {
  requireOneRun(options, '--only');
  const { drawSchedule } = await import('../simulate/drawSchedule.js');
  return parsePositions(only, drawSchedule(options.firstSeed, options).steps.length);
}

function requireOneRun({ runs }: SimulateOptions, flag: string): void {
  if (runs > 1) throw new KvcError('KVC_E_USAGE', `${flag} is of one run: add --runs 1`);
}
