import { BaseCommand } from '../cli/baseCommand.js';
import { changeNode, nodeArgument } from '../cli/changeNode.js';
import type { ControlNodeJson } from '../cluster/controlApi.js';

export default class Restart extends BaseCommand {
  static override summary = 'Stop a node cleanly and start it again, or start one that is down.';
  static override examples = ['<%= config.bin %> restart node1', '<%= config.bin %> restart 1'];
  static override args = { node: nodeArgument() };

  async run(): Promise<ControlNodeJson> {
    const { args, flags } = await this.parse(Restart);
    const node = await changeNode(flags.cluster, args.node, 'restart');
    this.log(`${node.name} is ${node.state}`);
    return node;
  }
}
