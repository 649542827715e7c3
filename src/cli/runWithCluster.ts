import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { kvcHome } from '../cluster/clusterHome.js';
import { launchCluster, type LaunchedCluster } from '../cluster/launchCluster.js';
import type { ClusterRequest } from '../cluster/planCluster.js';
import { portsByChance, retryingPorts } from '../cluster/ports.js';
import { KvcError, messageOf } from '../errors.js';

/** What the cluster is to be, but for what is chosen so that it meets no other one. */
export type RunRequest = Pick<ClusterRequest, 'delivery' | 'limits'> & { readonly nodes: number };

/** As shells say that a command was found and cannot be run, and that it was not found. */
const exitCannotRun = 126;
const exitNotFound = 127;
/** As shells say that a signal ended a command. */
const exitSignalBase = 128;

/** A command that could not be started. */
export interface NotStarted {
  readonly exitCode: number;
  readonly error: KvcError;
}

/**
 * Runs a command beside a cluster of its own, of which it is told by its environment, and ends the cluster with it.
 * @param onNote - gets what the user should know
 * @returns the exit code of the command, 128 and the number of the signal that ended it, or why it was not started
 * @throws what `launchCluster` throws
 */
export async function runWithCluster(
  request: RunRequest,
  [command = '', ...args]: readonly string[],
  onNote: (note: string) => void,
): Promise<number | NotStarted> {
  const name = `run-${randomBytes(6).toString('hex')}`;
  const cluster = await retryingPorts(async () => {
    const [port] = await portsByChance(request.nodes);
    return launchCluster({ request: { ...request, name, port, ephemeral: true }, detach: false });
  });
  try {
    return await outcomeOf(spawn(command, args, { stdio: 'inherit', env: environmentOf(cluster) }));
  } catch (error) {
    return notStarted(command, error);
  } finally {
    const hadEnded = await Promise.race([cluster.exited.then(() => true), Promise.resolve(false)]);
    if (hadEnded) onNote('the cluster had ended before the command did');
    // Nothing in it is worth a clean shutdown.
    cluster.kill();
    await cluster.exited;
  }
}

function environmentOf({ status }: LaunchedCluster): NodeJS.ProcessEnv {
  return {
    ...process.env,
    KVC_HOME: kvcHome(),
    KVC_CLUSTER: status.cluster.name,
    KVC_NODES: status.nodes.map(({ url }) => url).join(','),
  };
}

async function outcomeOf(child: ChildProcess): Promise<number> {
  const unforward = forwardSignals(child);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        resolve(code ?? exitSignalBase + constants.signals[signal ?? 'SIGKILL']),
      );
    });
  } finally {
    unforward();
  }
}

/**
 * The command decides what a signal means; this process ends after it. What a terminal sends reaches the command by itself,
 * and twice would be once too often for those that end at once at the second.
 */
function forwardSignals(child: ChildProcess): () => void {
  const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  const forward = (signal: NodeJS.Signals): void => {
    if (!hasTerminal || signal === 'SIGTERM') child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.removeListener(signal, forward);
  };
}

function notStarted(command: string, error: unknown): NotStarted {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const why = isMissing ? 'there is no such command' : messageOf(error);
  return {
    exitCode: isMissing ? exitNotFound : exitCannotRun,
    error: new KvcError('KVC_E_USAGE', `${command} cannot be run: ${why}`, {}, { cause: error }),
  };
}
