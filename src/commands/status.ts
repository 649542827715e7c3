import { BaseCommand } from '../cli/baseCommand.js';
import type { ClusterStatus } from '../cli/renderStatus.js';

export default class Status extends BaseCommand {
  static override summary = "Show a cluster's nodes: state, clock, keys, pending updates, faults.";
  static override hiddenAliases = ['ps'];
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json'];

  async run(): Promise<ClusterStatus> {
    const { flags } = await this.parse(Status);
    const { openCluster } = await import('../cluster/openCluster.js');
    const { viewCluster } = await import('../cli/viewCluster.js');
    const { clusterStatus, renderStatus } = await import('../cli/renderStatus.js');
    const cluster = await openCluster(flags.cluster);
    const status = clusterStatus(cluster.status, await viewCluster(cluster));
    this.log(renderStatus(status));
    return status;
  }
}
