import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KvcError } from '../errors.js';
import { clusterFileName, readClusterFile, writeClusterFile, type ClusterFile } from './clusterFile.js';
import { lockCluster } from './clusterLock.js';
import { startControlServer, type ControlServer } from './controlServer.js';
import { entryPoint } from './entryPoint.js';
import { loadForkNode } from './forkedNode.js';
import { endLeftovers } from './leftovers.js';
import { logPath, readEnd } from './logFile.js';
import { renderLogLines } from './logLine.js';
import { planPorts, settleCluster, type ClusterRequest } from './planCluster.js';
import { retryingPorts } from './ports.js';
import { Supervisor, type SupervisorParts } from './supervisor.js';
import { SupervisorLog } from './supervisorLog.js';
import type { ReadyReport } from './supervisorMessages.js';

export interface RunOptions {
  readonly dir: string;
  readonly request: ClusterRequest;
  readonly instance: string;
  readonly nodeEntry: string | undefined;
  /** The control API asked for the end. */
  readonly onDown: (purge: boolean) => void;
}

/** A cluster from its start to its end, in the process that supervises it. */
export interface RunningSupervisor {
  /** Resolves when all nodes serve. Rejects when everything has been rolled back. */
  readonly ready: Promise<ReadyReport>;
  stop(purge: boolean): Promise<void>;
  kill(): Promise<void>;
  readonly log: SupervisorLog;
}

/** @throws KvcError KVC_E_CLUSTER_RUNNING; what else goes wrong, `ready` rejects with */
export function runSupervisor(options: RunOptions): RunningSupervisor {
  const { dir, request, instance } = options;
  lockCluster(dir, request.name, { pid: process.pid, instance });
  return new SupervisorRun(options);
}

/** Deletes a cluster directory that this process has locked: by its name at once, then its contents. */
export function removeCluster(dir: string, instance: string): void {
  const doomed = join(dirname(dir), `.${basename(dir)}.removed-${instance}`);
  renameSync(dir, doomed);
  rmSync(doomed, { recursive: true, force: true });
}

class SupervisorRun implements RunningSupervisor {
  readonly ready: Promise<ReadyReport>;
  readonly log: SupervisorLog;
  readonly #options: RunOptions;
  readonly #isNew: boolean;
  #supervisor: Supervisor | undefined;
  #control: ControlServer | undefined;
  #ended = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#isNew = !existsSync(join(options.dir, clusterFileName));
    this.log = new SupervisorLog(options.dir);
    this.ready = this.#start();
  }

  async stop(purge: boolean): Promise<void> {
    await this.#supervisor?.stop();
    this.#end(purge);
  }

  async kill(): Promise<void> {
    await this.#supervisor?.kill();
    this.#end(false);
  }

  async #start(): Promise<ReadyReport> {
    const { dir, request } = this.#options;
    try {
      const forkNode = await loadForkNode();
      const ended = await endLeftovers(dir);
      const recorded = this.#recorded();
      if (request.fresh === true || recorded?.durability === 'ephemeral') this.#wipe();
      const notes = ended.map((node) => `ended a process of ${node} that an earlier supervisor left behind`);
      // Settled once: an attempt that failed may have left data, which is this cluster's and no other's.
      const settled = settleCluster(request, recorded);
      const start = async (): Promise<ReadyReport> => {
        const plan = await planPorts(settled, request.port);
        const started = await this.#startNodes(plan.file, { forkNode, log: this.log });
        return { status: started.status, notes: [...notes, ...plan.notes, ...started.notes] };
      };
      return await (request.port === undefined ? retryingPorts(start) : start());
    } catch (error) {
      const explained = this.#explain(error);
      this.#end(this.#isNew);
      throw explained;
    }
  }

  async #startNodes(file: ClusterFile, parts: SupervisorParts): Promise<ReadyReport> {
    const { dir, instance, nodeEntry, onDown } = this.#options;
    const own = entryPoint('../node/main');
    const supervisor = new Supervisor(
      { dir, file, instance, nodeEntry: nodeEntry === undefined ? own : { path: nodeEntry, execArgv: [] } },
      parts,
    );
    this.#control?.close();
    this.#supervisor = supervisor;
    const token = randomBytes(32).toString('hex');
    this.#control = await startControlServer(supervisor, { token, onDown });
    supervisor.announce({ instance, port: this.#control.port, pid: process.pid, token });
    const notes = await supervisor.start();
    return { status: supervisor.status(), notes };
  }

  /** With --fresh it does not matter what an unreadable file said. */
  #recorded(): ClusterFile | undefined {
    try {
      return readClusterFile(this.#options.dir);
    } catch (error) {
      if (this.#options.request.fresh === true) return undefined;
      throw error;
    }
  }

  /** Everything but the lock. The cluster file goes last: data without it would be taken for another cluster's. */
  #wipe(): void {
    for (const entry of ['data', 'sessions', clusterFileName]) {
      rmSync(join(this.#options.dir, entry), { recursive: true, force: true });
    }
  }

  /** The cluster file as it is to be found by the next `up`, or nothing at all. */
  #end(remove: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    const { dir, instance } = this.#options;
    const isEphemeral = this.#supervisor?.status().durability === 'ephemeral';
    this.#control?.close();
    this.#supervisor?.retire();
    this.log.write('info', 'the cluster is stopped');
    this.log.close();
    if (remove || isEphemeral) removeCluster(dir, instance);
    else rmSync(join(dir, 'run'), { recursive: true, force: true });
  }

  /** Adds what the node logged last: its own message seldom tells the whole story. */
  #explain(error: unknown): unknown {
    if (!(error instanceof KvcError) || typeof error.facts.node !== 'string') return error;
    const text = readEnd(logPath(this.#options.dir, error.facts.node), 8192);
    const lines = renderLogLines(text).slice(-5);
    if (lines.length === 0) return error;
    const message = `${error.message}\nits last log lines:\n${lines.map((line) => `  ${line}`).join('\n')}`;
    return error.with({ log: lines }, message);
  }
}

/** Ends what a dead supervisor left behind; with `purge` deletes the cluster. Returns the nodes that were left. */
export async function cleanCluster(
  dir: string,
  name: string,
  instance: string,
  purge: boolean,
): Promise<readonly string[]> {
  lockCluster(dir, name, { pid: process.pid, instance });
  const ended = await endLeftovers(dir);
  if (purge) removeCluster(dir, instance);
  else {
    const file = readClusterFile(dir);
    if (file?.durability === 'ephemeral') removeCluster(dir, instance);
    else if (file !== undefined) writeClusterFile(dir, { ...file, supervisor: null });
  }
  return ended;
}
