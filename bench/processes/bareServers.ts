import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { bodyOf, headerOf, type Answer } from '../../src/load/connection.js';
import type { RunningProcess } from './nodes.js';
import { paths } from './paths.js';

export interface BareServer extends RunningProcess {
  readonly stop: () => Promise<void>;
}

/** Starts the constant server and waits until it listens. It answers what the given answers said, with their headers. */
export function startBareServer(get?: Answer, post?: Answer): Promise<BareServer> {
  return start(paths.bareServer, constantsOf(get, post));
}

/** The same by fastify. */
export function startFastifyServer(get: Answer, post: Answer): Promise<BareServer> {
  return start(paths.fastifyServer, constantsOf(get, post));
}

/** Starts the constant responder of the Redis protocol: OK to every SET, this value to every GET. */
export function startBareResp(value: string): Promise<BareServer> {
  return start(paths.bareResp, [value]);
}

async function start(program: string, args: readonly string[]): Promise<BareServer> {
  const child = fork(program, args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { pid: child.pid, port, stop: () => stop(child) };
}

function constantsOf(get: Answer | undefined, post: Answer | undefined): string[] {
  return [get, post].map((answer) => JSON.stringify(constantOf(answer)));
}

function constantOf(answer: Answer | undefined) {
  const body = answer === undefined ? '{}' : bodyOf(answer);
  const session = answer === undefined ? undefined : headerOf(answer, 'kvc-session');
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(session === undefined ? {} : { 'kvc-session': session }),
  };
  return { headers, body };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
