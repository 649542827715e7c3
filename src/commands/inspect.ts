import * as Args from '@oclif/core/args';
import { BaseCommand } from '../cli/baseCommand.js';
import { viewCluster } from '../cli/viewCluster.js';
import { openCluster } from '../cluster/openCluster.js';
import type { ClusterView } from '../view/clusterView.js';
import { inspectText } from '../view/inspectText.js';
import { paintFor } from '../view/style.js';

export default class Inspect extends BaseCommand {
  static override summary = 'Show clocks, pending updates and why they wait, links, and sizes.';
  static override description =
    'For each node: the clock of what it has delivered; pending updates, each with the dot it misses and why that has ' +
    'not arrived; what each peer has acknowledged; faults on its outgoing links; log and store.\n' +
    '--json: {cluster: {id, name}, nodes: [{name, state, inspect, error}], faults}; inspect is the answer of the ' +
    "node's GET /inspect, or null with the error that says why.";
  static override examples = ['<%= config.bin %> inspect', '<%= config.bin %> inspect node3 --json'];
  static override args = {
    node: Args.string({ ignoreStdin: true, description: 'Only this node: node1, or 1 for short.' }),
  };

  async run(): Promise<ClusterView> {
    const { args, flags } = await this.parse(Inspect);
    const cluster = await openCluster(flags.cluster);
    const only = args.node === undefined ? undefined : cluster.resolveNode(args.node).name;
    const view = await viewCluster(cluster);
    const nodes = view.nodes.filter(({ name }) => only === undefined || name === only);
    const paint = paintFor(process.stdout, process.env);
    this.log(nodes.map((node) => inspectText(node, view, paint)).join('\n\n'));
    return { ...view, nodes };
  }
}
