import { BaseCommand } from '../cli/baseCommand.js';
import { changeNode, nodeArgument } from '../cli/changeNode.js';
import type { ControlNodeJson } from '../cluster/controlApi.js';

export default class Resume extends BaseCommand {
  static override summary = 'Let a paused node go on.';
  static override examples = ['<%= config.bin %> resume node1', '<%= config.bin %> resume 1'];
  static override args = { node: nodeArgument() };

  async run(): Promise<ControlNodeJson> {
    const { args, flags } = await this.parse(Resume);
    const node = await changeNode(flags.cluster, args.node, 'resume');
    this.log(`${node.name} is ${node.state}`);
    return node;
  }
}
