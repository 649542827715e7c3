import { BaseCommand } from '../cli/baseCommand.js';
import type { ClusterSummary } from '../cli/listClusterStates.js';

export default class Ls extends BaseCommand {
  static override summary = 'List all clusters and whether they run.';

  async run(): Promise<{ readonly clusters: readonly ClusterSummary[] }> {
    await this.parse(Ls);
    const { listClusterStates } = await import('../cli/listClusterStates.js');
    const { tildePath } = await import('../cli/tildePath.js');
    const { columns } = await import('../view/columns.js');
    const clusters = await listClusterStates();
    const rows = clusters.map(({ name, state, nodes, delivery, durability, dir }) => [
      name,
      state,
      String(nodes ?? '-'),
      delivery ?? '-',
      durability ?? '-',
      tildePath(dir),
    ]);
    const heading = ['CLUSTER', 'STATE', 'NODES', 'DELIVERY', 'DURABILITY', 'DIRECTORY'];
    if (rows.length > 0) this.log(columns([heading, ...rows]));
    else this.logToStderr('There is no cluster. Start one: kvc up -d');
    return { clusters };
  }
}
