import type { ErrorJson } from '../protocol/api.js';
import type { ControlStatusJson } from './controlApi.js';
import type { ClusterRequest } from './planCluster.js';

/** What the process that starts a supervisor tells it over IPC. */
export type LauncherMessage =
  /** First and once: start this cluster. */
  | {
      readonly kind: 'up';
      readonly dir: string;
      readonly request: ClusterRequest;
      /** True: the cluster outlives the launcher once it is ready. False: it ends with the launcher. */
      readonly detach: boolean;
      /** A module to run as a node, in place of kvc's own. */
      readonly nodeEntry?: string;
    }
  /** First and once: the cluster has no supervisor; clean up what the last one left, and with `purge` delete it all. */
  | { readonly kind: 'clean'; readonly dir: string; readonly name: string; readonly purge: boolean }
  /** Stop the cluster cleanly. */
  | { readonly kind: 'stop' }
  /** Stop it at once, by SIGKILL. */
  | { readonly kind: 'kill' };

/** What a supervisor process answers. */
export type SupervisorMessage =
  | { readonly kind: 'ready'; readonly report: ReadyReport }
  | { readonly kind: 'cleaned'; readonly ended: readonly string[] }
  | { readonly kind: 'failed'; readonly error: ErrorJson };

export interface ReadyReport {
  readonly status: ControlStatusJson;
  /** What the user should know: ports that moved, left-over processes that were ended. */
  readonly notes: readonly string[];
}
