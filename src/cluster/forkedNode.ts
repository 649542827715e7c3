import { closeSync } from 'node:fs';
import { isErrorCode, KvcError, type ErrorCode } from '../errors.js';
import type { FaultRuleJson } from '../protocol/api.js';
import type { NodeConfig, NodeMessage, SupervisorMessage } from '../protocol/nodeMessages.js';
import type { EntryPoint } from './entryPoint.js';
import { openLog } from './logFile.js';

export interface ForkOptions {
  readonly entry: EntryPoint;
  readonly config: NodeConfig;
  /** Gets the node's stdout and stderr, by file descriptor: a node can log whatever becomes of its supervisor. */
  readonly logPath: string;
  readonly onFaults: (faults: readonly FaultRuleJson[]) => void;
}

/** One node process, from fork to exit. */
export interface ForkedNode {
  readonly pid: number | undefined;
  /** Resolves when it serves. Rejects with what it says, or with KVC_E_START_FAILED if it ends or takes too long. */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone. Never rejects. */
  readonly exited: Promise<NodeExit>;
  signal(signal: NodeJS.Signals): void;
  /** Asks for a clean shutdown. */
  requestStop(): void;
}

export interface NodeExit {
  /** In a few words for people, such as "was ended by SIGKILL". */
  readonly how: string;
  /** What the node said of it before. */
  readonly code: ErrorCode | undefined;
}

export type ForkNode = (options: ForkOptions) => ForkedNode;

/** A node that has much to recover takes long; one that hangs must not hang `kvc up` for ever. */
const readyMsMax = 60_000;

/** Loads execa, which only a supervisor needs, and gives the function that forks nodes by it. */
export async function loadForkNode(): Promise<ForkNode> {
  const { execa } = await import('execa');
  return (options) => {
    const { entry, config } = options;
    // execa passes on any file descriptor, but its types know of 3 to 9 alone.
    const log = openLog(options.logPath) as 3;
    const child = execa(entry.path, ['--instance', config.instance], {
      node: true,
      nodeOptions: entry.execArgv,
      ipc: true,
      serialization: 'json',
      stdin: 'ignore',
      stdout: log,
      stderr: log,
      buffer: false,
      reject: false,
    });
    closeSync(log);
    return supervise(child, options);
  };
}

/** What of a child process is used here. */
interface Child extends PromiseLike<{ readonly exitCode?: number; readonly signal?: string }> {
  readonly pid?: number | undefined;
  on(event: 'message', listener: (message: NodeMessage) => void): unknown;
  send(message: SupervisorMessage, callback: (error: Error | null) => void): boolean;
  kill(signal: NodeJS.Signals): boolean;
}

function supervise(child: Child, { config, onFaults }: ForkOptions): ForkedNode {
  let failure: { code: ErrorCode; message: string } | undefined;
  const exited = Promise.resolve(child).then(({ exitCode, signal }): NodeExit => {
    const end =
      signal === undefined ? `ended with status ${exitCode ?? 'unknown'}` : `was ended by ${signal}`;
    return { how: failure === undefined ? end : `${end}: ${failure.message}`, code: failure?.code };
  });
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(startFailed(`${config.self} was not ready within ${readyMsMax / 1000} s`));
    }, readyMsMax);
    child.on('message', (message) => {
      if (message.kind === 'ready') {
        clearTimeout(timer);
        resolve();
      } else if (message.kind === 'faults') onFaults(message.faults);
      else
        failure = {
          code: isErrorCode(message.code) ? message.code : 'KVC_E_START_FAILED',
          message: message.message,
        };
    });
    void exited.then(({ how }) => {
      const { code = 'KVC_E_START_FAILED', message = `it ${how}` } = failure ?? {};
      reject(new KvcError(code, `${config.self} did not start: ${message}`, { node: config.self }));
    });
    void exited.then(() => clearTimeout(timer));
  });
  tell(child, { kind: 'start', config });
  return {
    pid: child.pid,
    ready,
    exited,
    signal: (signal) => void child.kill(signal),
    requestStop: () => tell(child, { kind: 'stop' }),
  };
}

/** A message that does not arrive has met a dead process, and its exit is heard of anyway. */
function tell(child: Child, message: SupervisorMessage): void {
  child.send(message, () => undefined);
}

function startFailed(message: string): KvcError {
  return new KvcError('KVC_E_START_FAILED', message);
}
