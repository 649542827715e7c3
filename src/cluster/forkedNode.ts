import { closeSync } from 'node:fs';
import { isErrorCode, KvcError, type ErrorCode } from '../errors.js';
import type { FaultRuleJson } from '../protocol/faultsApi.js';
import type { NodeConfig, NodeMessage, SupervisorMessage } from '../protocol/nodeMessages.js';
import type { EntryPoint } from './entryPoint.js';
import { openLog } from './logFile.js';

export interface ForkOptions {
  readonly entry: EntryPoint;
  readonly config: NodeConfig;
  /** Gets the node's stdout and stderr, by file descriptor: a node can log whatever becomes of its supervisor. */
  readonly logPath: string;
  readonly onFaults: (faults: readonly FaultRuleJson[]) => void;
  /** What the node does to get ready, for people. */
  readonly onProgress: (reason: string) => void;
}

/** One node process, from fork to exit. */
export interface ForkedNode {
  readonly pid: number | undefined;
  /** Resolves when it serves. Rejects with what it says, or with KVC_E_START_FAILED if it ends or is silent too long. */
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

/** A node that has much to load takes long, and says how far it is; one that hangs must not hang `kvc up` for ever. */
const silentMsMax = 60_000;

/** Loads execa, which only a supervisor needs, and gives the function that forks nodes by it. */
export async function loadForkNode(): Promise<ForkNode> {
  const { execa } = await import('execa');
  return (options) => {
    const { entry, config } = options;
    // execa passes on any file descriptor, but its types know of 3 to 9 alone.
    const log = openLog(options.logPath) as 3;
    const child = execa(entry.path, ['--instance', config.instance], {
      node: true,
      nodeOptions: [...entry.execArgv],
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
export interface Child extends PromiseLike<{ readonly exitCode?: number; readonly signal?: string }> {
  readonly pid?: number | undefined;
  on(event: 'message', listener: (message: NodeMessage) => void): unknown;
  send(message: SupervisorMessage, callback: (error: Error | null) => void): boolean;
  kill(signal: NodeJS.Signals): boolean;
}

/** Tells a process that was just forked what to be, and listens to it until it is gone. */
export function supervise(
  child: Child,
  { config, onFaults, onProgress }: Pick<ForkOptions, 'config' | 'onFaults' | 'onProgress'>,
): ForkedNode {
  const { self } = config;
  let failure: { code: ErrorCode; message: string } | undefined;
  const exited = Promise.resolve(child).then(({ exitCode, signal }): NodeExit => {
    const end =
      signal === undefined ? `ended with status ${exitCode ?? 'unknown'}` : `was ended by ${signal}`;
    return { how: failure === undefined ? end : `${end}: ${failure.message}`, code: failure?.code };
  });
  const ready = new Promise<void>((resolve, reject) => {
    const silence = setTimeout(() => reject(startFailed(self, fellSilent)), silentMsMax);
    child.on('message', (message) => {
      switch (message.kind) {
        case 'ready':
          clearTimeout(silence);
          return resolve();
        case 'progress':
          silence.refresh();
          return onProgress(message.reason);
        case 'faults':
          return onFaults(message.faults);
        case 'failed':
          failure = { code: codeOf(message.code), message: message.message };
      }
    });
    void exited.then(({ how }) => {
      clearTimeout(silence);
      reject(startFailed(self, failure?.message ?? `it ${how}`, failure?.code));
    });
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

const fellSilent = `it is not ready, and has said nothing for ${silentMsMax / 1000} s`;

/** A message that does not arrive has met a dead process, and its exit is heard of anyway. */
function tell(child: Child, message: SupervisorMessage): void {
  child.send(message, () => undefined);
}

function codeOf(code: string): ErrorCode {
  return isErrorCode(code) ? code : 'KVC_E_START_FAILED';
}

function startFailed(node: string, why: string, code: ErrorCode = 'KVC_E_START_FAILED'): KvcError {
  return new KvcError(code, `${node} did not start: ${why}`, { node });
}
