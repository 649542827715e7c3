import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { KvcError } from '../errors.js';
import { errorOfBody } from '../protocol/errorJson.js';
import { clusterDir } from './clusterHome.js';
import { entryPoint } from './entryPoint.js';
import type { ClusterRequest } from './planCluster.js';
import type { LauncherMessage, ReadyReport, SupervisorMessage } from './supervisorMessages.js';

export interface LaunchOptions {
  readonly request: ClusterRequest;
  /** True: the cluster outlives this process. False: it ends with this process, however that ends. */
  readonly detach: boolean;
  /** A module to run as a node, in place of kvc's own; for tests of the supervisor. */
  readonly nodeEntry?: string;
}

export interface LaunchedCluster extends ReadyReport {
  readonly dir: string;
  /** Resolves when the supervisor is gone, with its exit status; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Asks for an orderly end; await `exited`. Without effect on a detached cluster. */
  stop(): void;
  /** Ends all nodes at once. */
  kill(): void;
}

/**
 * Starts a cluster under a supervisor process of its own, and resolves when all nodes serve.
 * @throws KvcError KVC_E_CLUSTER_RUNNING, KVC_E_STATE_CONFLICT, KVC_E_PORT_TAKEN, KVC_E_START_FAILED and whatever a
 * node says; then nothing is left running
 */
export async function launchCluster(options: LaunchOptions): Promise<LaunchedCluster> {
  const { request, detach, nodeEntry } = options;
  const dir = clusterDir(request.name);
  const child = spawnSupervisor();
  const exited = exitOf(child);
  const order = {
    kind: 'up',
    dir,
    request,
    detach,
    ...(nodeEntry === undefined ? {} : { nodeEntry }),
  } as const;
  const answer = await ask(child, order);
  if (answer.kind !== 'ready') throw unexpected(answer.kind);
  if (detach) letGo(child);
  return {
    ...answer.report,
    dir,
    exited,
    stop: () => send(child, { kind: 'stop' }),
    kill: () => send(child, { kind: 'kill' }),
  };
}

/**
 * Cleans up behind a supervisor that is gone; with `purge`, deletes the cluster and its data.
 * @returns the nodes of which a process was left, and was ended
 * @throws KvcError KVC_E_CLUSTER_RUNNING
 */
export async function cleanUpCluster(name: string, purge: boolean): Promise<readonly string[]> {
  const answer = await ask(spawnSupervisor(), { kind: 'clean', dir: clusterDir(name), name, purge });
  if (answer.kind !== 'cleaned') throw unexpected(answer.kind);
  return answer.ended;
}

function spawnSupervisor(): ChildProcess {
  const { path, execArgv } = entryPoint('../cluster/supervisorMain');
  return fork(path, ['--instance', randomBytes(8).toString('hex')], {
    execArgv: [...execArgv],
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/**
 * Gives the supervisor its order and waits for its answer; a process that ends without one has failed to start. Only a
 * supervisor that is ready goes on, so any other answer is given when its process is gone.
 */
function ask(child: ChildProcess, order: LauncherMessage): Promise<SupervisorMessage> {
  return new Promise((resolve, reject) => {
    let complaint = '';
    let answer: SupervisorMessage | undefined;
    child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
    child.once('error', reject);
    child.once('close', () => {
      if (answer === undefined) reject(endedEarly(complaint.trim()));
      else if (answer.kind === 'failed') reject(errorOfBody(answer.error, 500));
      else resolve(answer);
    });
    child.once('message', (message: SupervisorMessage) => {
      answer = message;
      if (message.kind !== 'ready') return;
      child.stderr?.destroy();
      resolve(message);
    });
    send(child, order);
  });
}

function endedEarly(complaint: string): KvcError {
  const why = complaint === '' ? '' : `: ${complaint}`;
  return new KvcError('KVC_E_START_FAILED', `the supervisor ended before it was ready${why}`);
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

function letGo(child: ChildProcess): void {
  child.disconnect();
  child.unref();
}

/** A message that cannot be sent has met a supervisor that is gone, which `exited` tells. */
function send(child: ChildProcess, message: LauncherMessage): void {
  if (child.connected) child.send(message, () => undefined);
}

function unexpected(kind: string): KvcError {
  return new KvcError('KVC_E_INTERNAL', `the supervisor answered "${kind}"`);
}
