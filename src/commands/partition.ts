import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';
import { addPartition, clearFaults, type FaultChange, type PartitionRequest } from '../cli/changeFaults.js';
import { faultFlags } from '../cli/faultFlags.js';
import { renderFaultChange } from '../cli/renderFault.js';
import type { PartitionShape } from '../cluster/controlApi.js';
import { KvcError } from '../errors.js';

export default class Partition extends BaseCommand {
  static override summary = 'Cut the links between groups of nodes, both ways.';
  static override description =
    'Nodes that are not named form a group of their own. Nothing passes between groups, while every node goes on ' +
    'serving its clients. Shapes: "one" cuts off the last node; "halves" the first half of the nodes from the second; ' +
    'in a "ring" every node can talk to its two neighbours only. Nodes that join later are not cut off. A partition ' +
    'adds to those before; "off" ends all partitions, and no other fault.\n' +
    '--json: {id, target, links: [{source, target}], kind: "partition", seed, expires_at_ms}, links being those that ' +
    'are cut; with off {cleared, faults}.';
  static override usage = 'partition (GROUP [GROUP ...] | --shape one|halves|ring) [--for DURATION] | off';
  static override examples = [
    '<%= config.bin %> partition node1 node2,node3',
    '<%= config.bin %> partition 1,2 --for 30s',
    '<%= config.bin %> partition --shape halves',
    '<%= config.bin %> partition off',
  ];
  static override args = {
    groups: Args.string({
      multiple: true,
      ignoreStdin: true,
      description:
        'Groups of nodes, with commas between names: node1 node2,node3, or 1 2,3 for short; or off.',
    }),
  };
  static override flags = {
    shape: Flags.option({
      summary: 'How to group the nodes, instead of naming them.',
      options: ['one', 'halves', 'ring'] as const,
    })(),
    for: faultFlags.for,
  };

  async run(): Promise<FaultChange> {
    const { args, flags } = await this.parse(Partition);
    const division = divisionOf(args.groups ?? [], flags.shape);
    const nowMs = Date.now();
    const change = await (division === 'off'
      ? clearFaults(flags.cluster, { kind: 'partition' })
      : addPartition({ cluster: flags.cluster, division, forMs: flags.for }));
    this.log(renderFaultChange(change, nowMs, flags.cluster));
    return change;
  }
}

function divisionOf(
  groups: readonly string[],
  shape: PartitionShape | undefined,
): PartitionRequest['division'] | 'off' {
  if (groups.length > 0 === (shape !== undefined)) {
    const [what, article] = shape === undefined ? ['neither', 'nor'] : ['both', 'and'];
    throw new KvcError(
      'KVC_E_USAGE',
      `received ${what} groups ${article} a shape; write groups, as in node1 node2,node3, or --shape halves`,
    );
  }
  if (shape !== undefined) return { shape };
  return groups.length === 1 && groups[0] === 'off' ? 'off' : { groups };
}
