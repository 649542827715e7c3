import { asKvcError, KvcError, messageOf } from '../errors.js';
import type { NodeConfig, NodeMessage, SupervisorMessage } from '../protocol/nodeMessages.js';
import type { Log } from '../driver/log.js';
import { createLog } from './createLog.js';
import { boundGarbage } from './heapGrowth.js';
import { NodeProcess } from './nodeProcess.js';
import { ownPort } from '../driver/ownPort.js';

/**
 * The entry point of a node process. Its supervisor forks it, names it by `--instance ID` so that it can be recognised
 * among other processes, tells it over IPC what to be, and is told how that goes. Without its supervisor it ends.
 */

/** A shutdown that takes longer is cut off: everything acknowledged is durable already. */
const closeMsMax = 3000;

boundGarbage();

let node: NodeProcess | undefined;
let report: Log = createLog('node', (line) => process.stdout.write(line));
let ending = false;
let lastReason = '';

if (process.send === undefined) {
  process.stderr.write('A node is started by its supervisor: kvc up\n');
  process.exit(2);
}

process.on('message', (message: SupervisorMessage) => {
  if (message.kind === 'start') void start(message.config);
  else void end(0, 'stopped by request');
});
process.on('disconnect', () => void end(0, 'the supervisor is gone'));
process.on('SIGTERM', () => void end(0, 'stopped by SIGTERM'));
// Ctrl-C and a closed terminal reach the whole process group; ending the nodes in order is the supervisor's part.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.on('uncaughtException', (error) =>
  fail(new KvcError('KVC_E_INTERNAL', messageOf(error), {}, { cause: error })),
);

async function start(config: NodeConfig): Promise<void> {
  report = createLog(config.self, (line) => process.stdout.write(line));
  node = new NodeProcess(config, {
    report,
    onProgress: (reason) => {
      if (reason !== lastReason) report('info', reason);
      lastReason = reason;
      tell({ kind: 'progress', reason });
    },
    onFaults: (faults) => tell({ kind: 'faults', faults }),
    onHalt: fail,
  });
  try {
    const recoveredUpdates = await node.open();
    if (ending) return;
    report('info', 'ready', {
      port: ownPort(config),
      resp_port: config.respPort,
      delivery: config.delivery,
      recovered_updates: recoveredUpdates,
    });
    tell({ kind: 'ready', recoveredUpdates });
  } catch (error) {
    fail(asKvcError(error));
  }
}

function tell(message: NodeMessage): void {
  // A message that cannot be sent means that the supervisor is gone, which ends this process by 'disconnect'.
  if (process.connected) process.send?.(message, () => undefined);
}

function fail(error: KvcError): void {
  if (ending) return;
  ending = true;
  const stack =
    error.code === 'KVC_E_INTERNAL' && error.cause instanceof Error ? { stack: error.cause.stack } : {};
  report('error', error.message, { code: error.code, ...stack });
  process.send?.({ kind: 'failed', code: error.code, message: error.message } satisfies NodeMessage, () =>
    process.exit(1),
  );
  setTimeout(() => process.exit(1), 500);
}

async function end(exitCode: number, why: string): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(exitCode), closeMsMax).unref();
  try {
    await node?.close();
    report('info', why);
    process.exit(exitCode);
  } catch (error) {
    report('error', 'could not close cleanly', { error: messageOf(error) });
    process.exit(1);
  }
}
