import * as Args from '@oclif/core/args';
import { BaseCommand } from '../cli/baseCommand.js';
import type { ControlNodeJson } from '../cluster/controlApi.js';

export default class Add extends BaseCommand {
  static override summary = 'Add a node to a running cluster.';
  static override description =
    'It joins, loads what the other nodes have, and then serves; if it cannot, all is as before.\n' +
    '--json: {name, port, url, resp_port, state, since_ms, restarts, detail}.';
  static override examples = ['<%= config.bin %> add', '<%= config.bin %> add node7'];
  static override args = {
    name: Args.string({
      ignoreStdin: true,
      description: 'Its name: node4, or 4 for short. Default: the first nodeN that the cluster never had.',
    }),
  };

  async run(): Promise<ControlNodeJson> {
    const { args, flags } = await this.parse(Add);
    const { newNodeName } = await import('../cli/newNodeName.js');
    const { renderAdd } = await import('../cli/renderAdd.js');
    const { openCluster } = await import('../cluster/openCluster.js');
    const request = args.name === undefined ? {} : { name: newNodeName(args.name) };
    const { control } = await openCluster(flags.cluster);
    const startedAtMs = performance.now();
    const node = await control.addNode(request);
    this.log(renderAdd(node, performance.now() - startedAtMs, flags.cluster));
    return node;
  }
}
