import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClusterFile } from '../../src/cluster/clusterFile.js';
import { NodeClient } from '../../src/client/nodeClient.js';
import type { ControlStatusJson } from '../../src/cluster/controlApi.js';
import { until } from './until.js';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** The kvc of the build, with a KVC_HOME of its own, used from another directory. */
export class KvcHome {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'kvc-e2e-'));

  /** Runs a command to its end. */
  kvc(...args: string[]): Promise<CommandResult> {
    return resultOf(this.start(args));
  }

  /** Runs a command that must succeed, with --json. */
  async json<T>(...args: string[]): Promise<T> {
    const result = await this.kvc(...args, '--json');
    if (result.exit !== 0) throw new Error(`kvc ${args.join(' ')}: ${JSON.stringify(result)}`);
    return JSON.parse(result.out) as T;
  }

  /** Starts a command and leaves it running. */
  start(args: readonly string[], options: { readonly detached?: boolean } = {}): ChildProcess {
    const env = { ...process.env, KVC_HOME: this.dir, NO_COLOR: '1' };
    return spawn(process.execPath, [bin, ...args], { env, cwd: tmpdir(), ...options });
  }

  /** `kvc up -d` on free ports from a given one, for a cluster that may be stopped and started again beside others. */
  async up(...args: string[]): Promise<ControlStatusJson> {
    return this.json<ControlStatusJson>('up', '-d', ...args);
  }

  status(...args: string[]): Promise<ControlStatusJson> {
    return this.json<ControlStatusJson>('status', ...args);
  }

  /** Clients of all nodes by the cluster file. */
  clients(cluster = 'default'): NodeClient[] {
    return this.clusterFile(cluster).nodes.map(
      ({ name, port }) => new NodeClient({ name, url: `http://127.0.0.1:${port}` }),
    );
  }

  clusterFile(cluster = 'default'): ClusterFile {
    return JSON.parse(readFileSync(join(this.dir, cluster, 'cluster.json'), 'utf8')) as ClusterFile;
  }

  /** The process of a node, by what its data directory says. */
  pidOf(node: string, cluster = 'default'): number {
    const lock = readFileSync(join(this.dir, cluster, 'run', node, 'LOCK'), 'utf8');
    return (JSON.parse(lock) as { pid: number }).pid;
  }

  supervisorPid(cluster = 'default'): number {
    const { supervisor } = this.clusterFile(cluster);
    if (supervisor === null) throw new Error('the cluster is stopped');
    return supervisor.pid;
  }

  /** The processes that were started with this KVC_HOME and live, zombies excepted. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid && this.#isOurs(pid));
  }

  /** Awaits that no process of this home lives any more. */
  async deserted(): Promise<void> {
    await until('no process is left', () => this.processes().length === 0);
  }

  /** Ends whatever still runs, at once, and removes the directory. */
  async remove(): Promise<void> {
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    await this.deserted();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #isOurs(pid: number): boolean {
    try {
      readlinkSync(`/proc/${pid}/exe`);
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`KVC_HOME=${this.dir}`);
    } catch {
      return false;
    }
  }
}

/** Collects what a started command prints until it ends. */
export function resultOf(child: ChildProcess): Promise<CommandResult> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, out, err }));
  });
}
