import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import { limitFlag } from '../cli/limitFlag.js';
import { mergeLimits } from '../cli/parseLimit.js';
import { errorText } from '../cli/renderError.js';
import { KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';

export default class Run extends BaseCommand {
  static override summary = 'Run a command beside a cluster of its own, which ends with it.';
  static override description =
    'The cluster keeps nothing, and is beside all others: any number may run at once. The command is told of it by its ' +
    'environment: KVC_NODES has the URLs of the nodes, with commas between them, which is where the client library looks ' +
    'for them, and KVC_CLUSTER its name, so that kvc within the command acts on it. Input, output and signals are the ' +
    "command's, and so is the exit code: 128 and its number where a signal ended it, 127 where there is no such command.";
  static override usage = 'run [--nodes 3] [--delivery causal|fifo] [--limit NAME=VALUE] -- CMD [ARG ...]';
  static override examples = [
    '<%= config.bin %> run -- npm test',
    '<%= config.bin %> run --nodes 5 -- node --test test/',
    '<%= config.bin %> run -- sh -c \'kvc write a 1 && curl "$(echo $KVC_NODES | cut -d, -f1)/read?key=a"\'',
  ];
  /** Standard output is the command's. */
  static override enableJsonFlag = false;
  static override flags = {
    nodes: Flags.integer({
      summary: 'How many nodes.',
      min: 1,
      max: limits.nodesMax,
      default: 3,
      helpValue: '3',
    }),
    delivery: Flags.option({
      summary: 'causal (default); fifo ignores dependencies, to show what goes wrong then.',
      options: ['causal', 'fifo'] as const,
    })(),
    limit: limitFlag('Change a limit of the nodes, as in logBytesMax=1gib; a wrong NAME lists them all.'),
  };

  async run(): Promise<void> {
    const [own, command] = split(this.argv);
    const { flags } = await this.parse(Run, own);
    const { runWithCluster } = await import('../cli/runWithCluster.js');
    const { nodes, delivery, limit } = flags;
    const request = { nodes, delivery, limits: mergeLimits(limit ?? []) };
    const outcome = await runWithCluster(request, command, (note) => this.logToStderr(`Note: ${note}`));
    if (typeof outcome === 'number') process.exitCode = outcome;
    else {
      process.stderr.write(errorText(outcome.error));
      process.exitCode = outcome.exitCode;
    }
  }
}

/** What is in front of the first `--`, and what is behind it, which is nobody's but the command's. */
function split(argv: readonly string[]): [string[], string[]] {
  const at = argv.indexOf('--');
  if (at >= 0 && at < argv.length - 1) return [argv.slice(0, at), argv.slice(at + 1)];
  throw new KvcError('KVC_E_USAGE', 'the command belongs behind "--", as in: kvc run -- npm test', {
    try: ['kvc run --help'],
  });
}
