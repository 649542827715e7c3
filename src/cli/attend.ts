import { followLogs } from '../cluster/followLogs.js';
import { loggedNames } from '../cluster/logFile.js';
import type { LaunchedCluster } from '../cluster/launchCluster.js';
import type { LogLine } from '../cluster/logLine.js';
import { passes } from '../cluster/readLogs.js';
import { KvcError } from '../errors.js';

const exitStatusOf = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Shows a cluster's logs until it ends. Ctrl-C, SIGTERM and a closed terminal end it in order; a second one at once.
 * @returns the exit status that a signal calls for; 0 when the cluster was stopped by other means
 * @throws KvcError KVC_E_INTERNAL when the supervisor died
 */
export async function attend(cluster: LaunchedCluster, onLine: (line: LogLine) => void): Promise<number> {
  const { status, dir } = cluster;
  let exitStatus = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (exitStatus === 0) cluster.stop();
      else cluster.kill();
      exitStatus = exitStatusOf[signal];
    });
  }
  const names = (): readonly string[] => loggedNames(dir);
  const stopFollowing = followLogs(dir, names, (lines) => {
    for (const line of lines) if (passes(line, { sinceMs: status.started_at_ms })) onLine(line);
  });
  const ended = await cluster.exited;
  stopFollowing();
  if (ended === 0 || exitStatus !== 0) return exitStatus;
  throw new KvcError('KVC_E_INTERNAL', 'the supervisor ended unexpectedly, and its nodes with it', {
    try: ['kvc logs', 'kvc up'],
  });
}
