import { BaseCommand } from '../cli/baseCommand.js';
import { changeNode, nodeArgument } from '../cli/changeNode.js';
import type { ControlNodeJson } from '../cluster/controlApi.js';

export default class Pause extends BaseCommand {
  static override summary = 'Freeze a node: it keeps its data, but neither answers nor sends.';
  static override examples = ['<%= config.bin %> pause node1', '<%= config.bin %> pause 1'];
  static override args = { node: nodeArgument() };

  async run(): Promise<ControlNodeJson> {
    const { args, flags } = await this.parse(Pause);
    const node = await changeNode(flags.cluster, args.node, 'pause');
    this.log(`${node.name} is ${node.state}`);
    return node;
  }
}
