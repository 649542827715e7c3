import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import type { DemoOptions } from '../demo/playDemo.js';
import type { DemoReport } from '../demo/report.js';
import { scenarioNames, type ScenarioName } from '../demo/scenarioNames.js';
import { errorKinds } from '../errors.js';

/** Ctrl-C, by the custom of shells. */
const interruptedExitCode = 130;

export default class Demo extends BaseCommand {
  static override summary = 'Play a scenario that shows what causal consistency means.';
  static override description = [
    'Starts three nodes of its own, which share nothing with your clusters and leave nothing behind, plays the scenario ' +
      'step by step, and checks what clients saw. Exit 0 if that was consistent, 10 if it was an anomaly.',
    'dependent-write  A write overtakes the one that it depends on; with --delivery fifo it is an anomaly.',
    'out-of-order     Messages overtake each other, and come twice.',
    'conflict         Two nodes write one key at the same time.',
    'session          A client moves to a node that is behind.',
    'lost-ring        A reply overtakes the post that it replies to; with --delivery fifo it is an anomaly.',
    '--json: {scenario, delivery, steps: [{number, command, effects, remarks, clocks}], timeline: [{at_ms, node, kind, ' +
      'dot, label, missing}], checks: [{claim, holds, observed}], verdict: "consistent" | "anomaly"}.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> demo',
    '<%= config.bin %> demo dependent-write --delivery fifo',
    '<%= config.bin %> demo lost-ring',
  ];
  static override args = {
    scenario: Args.string({
      options: [...scenarioNames],
      default: scenarioNames[0],
      ignoreStdin: true,
      description: 'What to play.',
    }),
  };
  static override flags = {
    delivery: Flags.option({
      options: ['causal', 'fifo'] as const,
      default: 'causal' as const,
      summary: 'causal, or fifo, which ignores dependencies and shows what goes wrong then.',
    })(),
  };

  async run(): Promise<DemoReport> {
    const { args, flags } = await this.parse(Demo);
    const { interruption } = await import('../demo/interruption.js');
    // oclif has refused every other text.
    const scenario = args.scenario as ScenarioName;
    const play = { scenario, delivery: flags.delivery, ...interruption(process) };
    try {
      const report = await this.#play(play);
      if (report.verdict === 'anomaly') process.exitCode = errorKinds.KVC_E_ANOMALY.exitCode;
      return report;
    } catch (error) {
      if (!play.signal.aborted) throw error;
      return this.exit(interruptedExitCode);
    }
  }

  async #play(play: Pick<DemoOptions, 'scenario' | 'delivery' | 'signal'>): Promise<DemoReport> {
    if (this.jsonEnabled()) {
      const { playDemo } = await import('../demo/playDemo.js');
      return playDemo({ ...play, onEvent: () => undefined });
    }
    const { narrateDemo } = await import('../demo/narrateDemo.js');
    const { paintFor } = await import('../view/style.js');
    return narrateDemo({ ...play, screen: process.stdout, paint: paintFor(process.stdout, process.env) });
  }
}
