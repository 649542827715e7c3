import { BaseCommand } from '../cli/baseCommand.js';
import { changeNode, nodeArgument } from '../cli/changeNode.js';
import type { ControlNodeJson } from '../cluster/controlApi.js';

export default class Kill extends BaseCommand {
  static override summary = 'End a node at once, by SIGKILL; it stays down until restart.';
  static override examples = ['<%= config.bin %> kill node1', '<%= config.bin %> kill 1'];
  static override args = { node: nodeArgument() };

  async run(): Promise<ControlNodeJson> {
    const { args, flags } = await this.parse(Kill);
    const node = await changeNode(flags.cluster, args.node, 'kill');
    this.log(`${node.name} is ${node.state}`);
    return node;
  }
}
