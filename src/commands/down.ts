import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/baseCommand.js';

export interface DownResult {
  /** Names of the clusters that were stopped. */
  readonly stopped: readonly string[];
  /** Names of the clusters whose data was deleted. */
  readonly purged: readonly string[];
}

export default class Down extends BaseCommand {
  static override summary = 'Stop a cluster; its data is kept.';
  static override examples = ['<%= config.bin %> down', '<%= config.bin %> down --cluster test --purge'];
  static override flags = {
    all: Flags.boolean({ default: false, summary: 'Stop all clusters.' }),
    purge: Flags.boolean({ default: false, summary: 'Delete the cluster and its data.' }),
  };

  async run(): Promise<DownResult> {
    const { flags } = await this.parse(Down);
    const { stopAllClusters, stopCluster } = await import('../cluster/stopCluster.js');
    const { all, purge, cluster } = flags;
    const outcomes = all ? await stopAllClusters(purge) : [await stopCluster(cluster, purge)];
    for (const { name, wasRunning, ended, deleted } of outcomes) {
      for (const node of ended) this.logToStderr(`Note: ended a process of ${node} that was left behind`);
      this.log(
        `cluster "${name}" ${wasRunning ? 'is stopped' : 'was not running'}${deleted ? '; its data is deleted' : ''}`,
      );
    }
    if (outcomes.length === 0) this.log('no cluster is running');
    return {
      stopped: outcomes.filter((outcome) => outcome.wasRunning).map((outcome) => outcome.name),
      purged: outcomes.filter((outcome) => outcome.deleted).map((outcome) => outcome.name),
    };
  }
}
