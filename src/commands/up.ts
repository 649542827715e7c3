import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import { limitFlag } from '../cli/limitFlag.js';
import { mergeLimits } from '../cli/parseLimit.js';
import type { ControlStatusJson } from '../cluster/controlApi.js';
import type { LaunchedCluster } from '../cluster/launchCluster.js';
import { limits } from '../protocol/limits.js';

export interface UpResult extends ControlStatusJson {
  readonly dir: string;
  readonly notes: readonly string[];
}

export default class Up extends BaseCommand {
  static override summary = 'Start a cluster of nodes on this machine.';
  static override description =
    'In the foreground it shows the nodes\' logs until Ctrl-C. Data, ports and settings are kept across "down" and ' +
    '"up"; faults are not.';
  static override examples = [
    { description: 'Three nodes in the background', command: '<%= config.bin %> up -d' },
    { description: 'Five nodes that keep nothing', command: '<%= config.bin %> up --nodes 5 --ephemeral' },
    { description: 'Forget what was stored', command: '<%= config.bin %> up -d --fresh' },
    { description: 'Longer update logs', command: '<%= config.bin %> up -d --limit logBytesMax=1gib' },
  ];
  static override flags = {
    nodes: Flags.integer({ summary: 'How many nodes.', min: 1, max: limits.nodesMax, helpValue: '3' }),
    detach: Flags.boolean({
      char: 'd',
      default: false,
      summary: 'Leave the cluster running in the background.',
    }),
    port: Flags.integer({
      summary: "The first node's port; the others follow. Default: the next free from 7101.",
      min: 1,
      max: 65_535,
      helpValue: '7101',
    }),
    fresh: Flags.boolean({
      default: false,
      summary: "Delete the cluster's data first.",
      exclusive: ['ephemeral'],
    }),
    ephemeral: Flags.boolean({
      default: false,
      summary: 'Keep everything in memory; "down" ends the cluster for good.',
    }),
    delivery: Flags.option({
      summary: 'causal (default); fifo ignores dependencies, to show what goes wrong then.',
      options: ['causal', 'fifo'] as const,
    })(),
    limit: limitFlag(
      'Change a limit of the nodes, as in logBytesMax=1gib; a wrong NAME lists them all. Kept with the cluster.',
    ),
  };

  async run(): Promise<UpResult> {
    const { flags } = await this.parse(Up);
    const { launchCluster } = await import('../cluster/launchCluster.js');
    const { renderUp } = await import('../cli/renderUp.js');
    const { cluster: name, detach, nodes, port, fresh, ephemeral, delivery } = flags;
    const changes = mergeLimits(flags.limit ?? []);
    const request = { name, nodes, port, fresh, ephemeral, delivery, limits: changes };
    const startedAtMs = performance.now();
    const launched = await launchCluster({ request, detach });
    const { status, notes, dir } = launched;
    for (const note of notes) this.logToStderr(`Note: ${note}`);
    this.log(renderUp(launched, performance.now() - startedAtMs, detach));
    if (!detach) await this.#attend(launched);
    return { ...status, dir, notes };
  }

  async #attend(launched: LaunchedCluster): Promise<void> {
    const { attend } = await import('../cli/attend.js');
    const { logPainter } = await import('../cli/logPainter.js');
    const { paintFor } = await import('../view/style.js');
    const names = launched.status.nodes.map((node) => node.name);
    const render = logPainter(names, paintFor(process.stdout, process.env));
    const exitStatus = await attend(launched, (line) => this.log(render(line)));
    this.logToStderr(`cluster "${launched.status.cluster.name}" is stopped`);
    process.exitCode = exitStatus;
  }
}
