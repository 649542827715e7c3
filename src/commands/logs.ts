import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import type { LogLine } from '../cluster/logLine.js';
import { logLevels } from '../protocol/nodeMessages.js';

export default class Logs extends BaseCommand {
  static override summary = 'Show what the nodes and their supervisor logged, merged by time.';
  static override description = 'Works on a stopped cluster as well.';
  static override examples = [
    '<%= config.bin %> logs',
    '<%= config.bin %> logs node2 -f --level warn',
    '<%= config.bin %> logs --since 5m --tail 50',
  ];
  static override args = {
    node: Args.string({ description: 'A node: node1, or 1 for short. Default: all.', ignoreStdin: true }),
  };
  static override flags = {
    follow: Flags.boolean({ char: 'f', default: false, summary: 'Go on until Ctrl-C.' }),
    tail: Flags.integer({ summary: 'Only the last N lines.', min: 0, helpValue: 'N' }),
    since: Flags.string({ summary: 'Only what was logged within this time, such as 5m.', helpValue: '5m' }),
    level: Flags.option({ summary: 'This level and more urgent ones.', options: logLevels })(),
  };

  async run(): Promise<{ readonly lines: readonly LogLine[] }> {
    const { args, flags } = await this.parse(Logs);
    const { showLogs } = await import('../cli/showLogs.js');
    const { cluster, follow, tail, since, level } = flags;
    const isEndless = follow && !this.jsonEnabled();
    const options = { cluster, node: args.node, follow: isEndless, tail, since, level };
    return { lines: await showLogs(options, (line) => this.log(line)) };
  }
}
