import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import { decodeToken } from '../protocol/sessionToken.js';

export default class Watch extends BaseCommand {
  static override summary = 'Show what is written at any node, as it happens, until Ctrl-C.';
  static override description =
    'Each write comes after everything that it depends on. A line per write: its dot, and what it did; writes of one ' +
    'batch have the same dot and stand together. Where the node ends, the watch goes on there when it is back, or at ' +
    'another one, and leaves nothing out. What a log no longer has is told as a gap, and what the keys hold then ' +
    'follows.\n' +
    '--json: a line per event: {event: "change", node, dot, writes, time_ms, session, cursor}, or gap, state and ready.';
  static override examples = [
    '<%= config.bin %> watch',
    '<%= config.bin %> watch user/ --node 2 --json',
    { description: 'All that the log still has, first', command: '<%= config.bin %> watch --from new' },
  ];
  static override args = {
    prefix: Args.string({
      description: 'Only keys that begin with this. Default: all.',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    node: Flags.string({
      summary: 'Node to ask: node1, or 1 for short. Default: the first that runs.',
      helpValue: 'NODE',
    }),
    from: Flags.string({
      summary: 'What comes behind the cursor of a watch or a session token; "new" for all that the log has.',
      helpValue: 'TOKEN',
      parse: (input) => {
        if (input !== 'new') decodeToken(input);
        return Promise.resolve(input);
      },
    }),
  };

  async run(): Promise<never> {
    const { args, flags } = await this.parse(Watch);
    const { showWatch } = await import('../cli/showWatch.js');
    const { cluster, node, from } = flags;
    return showWatch({ cluster, node, from, prefix: args.prefix ?? '' }, this.jsonEnabled());
  }
}
