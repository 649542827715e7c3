import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import { nodeArgument } from '../cli/changeNode.js';
import { parseDuration } from '../notation/parseDuration.js';
import type { RemovedNodeJson } from '../cluster/controlApi.js';
import { limits } from '../protocol/limits.js';

const timeout = Flags.custom<number>({
  summary: 'How long the node may take to hand its data on.',
  helpValue: 'DURATION',
  defaultHelp: () => Promise.resolve('30s'),
  default: 30_000,
  parse: (input) => Promise.resolve(Math.max(1, parseDuration(input, limits.timeoutMsMax))),
});

export default class Remove extends BaseCommand {
  static override summary = 'Remove a node from a running cluster, and delete its data.';
  static override description =
    'The node first hands on to the others what only it has; if it cannot, it stays. --force removes one that is dead, ' +
    'paused or does not answer: what only it has is lost.\n' +
    '--json: {node, forced: false, handed_on_to: [node]}, or with --force {node, forced: true, held: {replica: counter}}.';
  static override examples = ['<%= config.bin %> remove node2', '<%= config.bin %> remove 2 --force'];
  static override args = { node: nodeArgument() };
  static override flags = {
    force: Flags.boolean({
      default: false,
      summary: 'Remove it also if it cannot hand its data on; what only it has is lost.',
    }),
    timeout: timeout(),
  };

  async run(): Promise<RemovedNodeJson> {
    const { args, flags } = await this.parse(Remove);
    const { openCluster } = await import('../cluster/openCluster.js');
    const { removedText } = await import('../view/removedText.js');
    const cluster = await openCluster(flags.cluster);
    const { name } = cluster.resolveNode(args.node);
    const { force, timeout: timeout_ms } = flags;
    const removed = await cluster.control.removeNode(name, { force, timeout_ms });
    this.log(removedText(removed));
    return removed;
  }
}
