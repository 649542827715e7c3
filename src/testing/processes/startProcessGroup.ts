import { followLogs } from '../../cluster/followLogs.js';
import { loggedNames } from '../../cluster/logFile.js';
import { TemporaryCluster } from '../../cluster/temporaryCluster.js';
import type { SettledOptions } from '../clusterOptions.js';
import type { NodeGroup } from '../nodeGroup.js';

/** Nodes that are processes with data on disk. Resolves when all serve; else nothing is left. */
export function startProcessGroup(options: SettledOptions): Promise<NodeGroup> {
  const { nodes, delivery, limits } = options;
  return TemporaryCluster.start({
    request: { name: 'testing', nodes, delivery, limits },
    prepare: (dir) => follow(dir, options),
  });
}

/** Looking at logs takes time, so it is done for who wants them alone. */
function follow(dir: string, { report, isReported }: SettledOptions): (() => void) | undefined {
  if (!isReported) return undefined;
  return followLogs(
    dir,
    () => loggedNames(dir),
    (lines) => lines.forEach(report),
  );
}
