import { join } from 'node:path';
import type { Config } from '@oclif/core/config';
import { kvcHome } from '../../cluster/clusterHome.js';
import { openCluster } from '../../cluster/openCluster.js';
import { chooseNode } from '../chooseNode.js';
import { completionSource } from './clusterNames.js';
import { runLines, runPrompt } from './runShell.js';
import { Shell } from './shell.js';
import { ShellHistory } from './shellHistory.js';
import { newSession } from './shellState.js';

export interface StartShell {
  readonly cluster: string;
  /** As the user names it. Default: the first that runs. */
  readonly node?: string | undefined;
  /** Default: one of the shell's own. */
  readonly session?: string | undefined;
}

/**
 * Runs a shell to its end.
 * @returns 0 at a terminal; else the exit status of the last command that failed, 0 if none did
 * @throws KvcError KVC_E_CLUSTER_NOT_RUNNING, KVC_E_NODE_UNKNOWN, KVC_E_NODE_DOWN or KVC_E_NODE_PAUSED
 */
export async function startShell(
  { cluster: name, node, session }: StartShell,
  config: Config,
): Promise<number> {
  const cluster = await openCluster(name);
  const wanted = node === undefined ? undefined : cluster.resolveNode(node).name;
  const isInteractive = process.stdin.isTTY && process.stdout.isTTY;
  const shell = new Shell({
    config,
    isInteractive,
    state: {
      cluster: name,
      node: chooseNode(await cluster.control.status(), wanted).name,
      session: session === undefined ? newSession : { kind: 'named', name: session },
    },
  });
  if (!isInteractive) {
    await runLines(shell);
    return shell.exitCode;
  }
  const history = new ShellHistory(join(kvcHome(), 'shell_history'));
  await runPrompt(
    shell,
    completionSource(config, () => shell.state),
    history,
  );
  return 0;
}
