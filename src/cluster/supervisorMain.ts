import { KvcError, messageOf } from '../errors.js';
import { encodeError } from '../protocol/errorJson.js';
import { cleanCluster, runSupervisor, type RunningSupervisor } from './runSupervisor.js';
import type { LauncherMessage, SupervisorMessage } from './supervisorMessages.js';

/**
 * The entry point of a supervisor process. Every cluster has one, also in the foreground: it leads a session of its
 * own, so that Ctrl-C reaches the command alone, which then asks for an orderly end. It names itself on its command
 * line by `--instance ID`, which is how its lock is told from that of a stranger with the same pid.
 */

const instance = process.argv[process.argv.indexOf('--instance') + 1] ?? '';
let run: RunningSupervisor | undefined;
let outlivesLauncher = false;
let ending = false;

process.on('message', (message: LauncherMessage) => {
  if (message.kind === 'up') void up(message);
  else if (message.kind === 'clean') void clean(message);
  else void end(message.kind);
});
process.on('disconnect', () => {
  if (!outlivesLauncher) void end('stop');
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end('stop'));
process.on('uncaughtException', (error) => {
  run?.log.write('error', messageOf(error), { stack: error.stack });
  void end('kill', 1);
});
// The launcher listens only until the cluster is ready.
process.stderr.on('error', () => undefined);

async function up(order: Extract<LauncherMessage, { kind: 'up' }>): Promise<void> {
  const { dir, request, nodeEntry, detach } = order;
  try {
    run = runSupervisor({ dir, request, instance, nodeEntry, onDown: (purge) => void end('stop', 0, purge) });
    const report = await run.ready;
    if (ending) return;
    outlivesLauncher = detach;
    tell({ kind: 'ready', report });
  } catch (error) {
    if (!ending) fail(error);
  }
}

async function clean({ dir, name, purge }: Extract<LauncherMessage, { kind: 'clean' }>): Promise<void> {
  try {
    tell({ kind: 'cleaned', ended: await cleanCluster(dir, name, instance, purge) }, 0);
  } catch (error) {
    fail(error);
  }
}

/** A second request to end is one to hurry. */
async function end(how: 'stop' | 'kill', exitCode = 0, purge = false): Promise<void> {
  if (ending && how === 'stop') return;
  ending = true;
  try {
    await (how === 'stop' ? run?.stop(purge) : run?.kill());
  } finally {
    process.exit(exitCode);
  }
}

function fail(thrown: unknown): void {
  const error =
    thrown instanceof KvcError
      ? thrown
      : new KvcError('KVC_E_INTERNAL', `the supervisor: ${messageOf(thrown)}`, {}, { cause: thrown });
  tell({ kind: 'failed', error: encodeError(error) }, 1);
}

/** Sends, then exits if a status is given. Without a launcher nobody is left to tell. */
function tell(message: SupervisorMessage, exitCode?: number): void {
  const leave = (): void => {
    if (exitCode !== undefined) process.exit(exitCode);
  };
  if (process.send === undefined || !process.connected) leave();
  else process.send(message, leave);
}
