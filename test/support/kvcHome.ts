import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClusterFile } from '../../src/cluster/clusterFile.js';
import { NodeClient } from '../../src/client/nodeClient.js';
import type { ControlStatusJson } from '../../src/cluster/controlApi.js';
import { createControlClient, type ControlClient } from '../../src/cluster/controlClient.js';
import { parseLogLines, renderLogLine, type LogLine } from '../../src/cluster/logLine.js';
import { FastNode } from './fastNode.js';
import { freePorts } from './ports.js';
import { until } from './until.js';
import { WriteStorm, type Acknowledged, type Writer } from './writeStorm.js';

const bin = fileURLToPath(new URL('../../bin/run.cjs', import.meta.url));

/** What a command printed and how it ended. */
interface CommandResult {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** A test as vitest knows it when it is over. */
interface FinishedTest {
  readonly result?: { readonly state?: string } | undefined;
}

/** Of each log. */
const toldLinesMax = 30;

/** For what is told of a failed test. */
const inspectMsMax = 20_000;

/** The kvc of the build, with a KVC_HOME of its own, used from another directory. */
export class KvcHome {
  #dir: string | undefined;
  #environment: Readonly<Record<string, string>> = {};
  #fastNodes: FastNode[] = [];
  #storms: WriteStorm[] = [];

  /**
   * Makes a new directory.
   * @param environment - of the commands, and so of the cluster's processes, on top of this one's
   */
  open(environment: Readonly<Record<string, string>> = {}): void {
    this.#dir = mkdtempSync(join(tmpdir(), 'kvc-e2e-'));
    this.#environment = environment;
    this.#fastNodes = [];
    this.#storms = [];
  }

  get dir(): string {
    if (this.#dir === undefined) throw new Error('this home is not open');
    return this.#dir;
  }

  /** Runs a command to its end. */
  kvc(...args: string[]): Promise<CommandResult> {
    return resultOf(this.start(args));
  }

  /** Runs a command that must succeed. @returns what it printed */
  async ok(...args: string[]): Promise<string> {
    const result = await this.kvc(...args);
    if (result.exit !== 0) throw new Error(`kvc ${args.join(' ')}: ${JSON.stringify(result)}`);
    return result.out;
  }

  /** Runs a command that must succeed, with --json. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.ok(...args, '--json')) as T;
  }

  /** Starts a command and leaves it running. */
  start(
    args: readonly string[],
    options: { readonly detached?: boolean; readonly timeout?: number } = {},
  ): ChildProcess {
    const env = { ...process.env, ...this.#environment, KVC_HOME: this.dir, NO_COLOR: '1' };
    return spawn(process.execPath, [bin, ...args], { env, cwd: tmpdir(), ...options });
  }

  /** `kvc up -d` on free ports from a given one, for a cluster that may be stopped and started again beside others. */
  async up(...args: string[]): Promise<ControlStatusJson> {
    return this.json<ControlStatusJson>('up', '-d', ...args);
  }

  /** A new cluster of so many nodes, on ports that no other test uses. */
  async upNew(nodes: number, ...args: string[]): Promise<ControlStatusJson> {
    const [port] = await freePorts(nodes);
    return this.up('--nodes', String(nodes), '--port', String(port), ...args);
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

  /** The same over connections that are kept. They are closed with this home. */
  fastNodes(): FastNode[] {
    const nodes = this.clusterFile().nodes.map(
      ({ name, port }) => new FastNode({ name, url: `http://127.0.0.1:${port}` }),
    );
    this.#fastNodes.push(...nodes);
    return nodes;
  }

  /** Clients that write until they are stopped, and not beyond the end of the test where it fails before that. */
  storm(...parts: ConstructorParameters<typeof WriteStorm>): WriteStorm {
    const storm = new WriteStorm(...parts);
    this.#storms.push(storm);
    return storm;
  }

  /** Writes at the given nodes until so many are acknowledged. None may fail, but for such as a busy node asks to send again. */
  async writeSome(name: string, nodes: readonly Writer[], count: number): Promise<Acknowledged[]> {
    const storm = this.storm(name, nodes, 4);
    await until(`${count} writes`, () => storm.acknowledged.length >= count, 30_000);
    await storm.stop();
    const { unanswered, turnedAway, firstFailure } = storm;
    if (unanswered > turnedAway)
      throw new Error(`${unanswered - turnedAway} writes of ${name} failed`, { cause: firstFailure });
    return storm.acknowledged;
  }

  /** Awaits that the supervisor says of all nodes that they run. */
  async running(): Promise<void> {
    await until(
      'all nodes run',
      async () => (await this.control().status()).nodes.every(({ state }) => state === 'running'),
      30_000,
    );
  }

  /** The supervisor, without the start of a command for every question. */
  control(): ControlClient {
    const { supervisor } = this.clusterFile();
    if (supervisor === null) throw new Error('the cluster is stopped');
    return createControlClient(supervisor);
  }

  /** Of one node. */
  dataDir(node: string): string {
    return join(this.dir, 'default', 'data', node);
  }

  /** What a node, or the supervisor, has logged. */
  logLines(node: string): LogLine[] {
    return parseLogLines(readFileSync(join(this.dir, 'default', 'logs', `${node}.log`), 'utf8'), node);
  }

  clusterFile(cluster = 'default'): ClusterFile {
    return JSON.parse(readFileSync(join(this.dir, cluster, 'cluster.json'), 'utf8')) as ClusterFile;
  }

  /** Only while the cluster is stopped. */
  writeClusterFile(file: ClusterFile): void {
    writeFileSync(join(this.dir, 'default', 'cluster.json'), JSON.stringify({ format: 2, ...file }));
  }

  /** The process of a node, by its lock. */
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

  /**
   * Ends whatever still runs, at once, and removes the directory.
   * @param test - if it failed, what the nodes say of themselves and the ends of their logs are printed first
   * @param unmount - what is mounted within the directory
   */
  async remove(test?: FinishedTest, unmount?: () => Promise<void>): Promise<void> {
    try {
      if (test?.result?.state === 'fail') await this.#tell();
    } finally {
      try {
        await this.#end();
      } finally {
        await unmount?.();
        rmSync(this.dir, { recursive: true, force: true });
      }
    }
  }

  /** Ends whatever still runs, at once. */
  async #end(): Promise<void> {
    for (const storm of this.#storms) storm.tellToStop();
    await Promise.all(this.#fastNodes.map((node) => node.close()));
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    await this.deserted();
    await Promise.all(this.#storms.map((storm) => storm.stop()));
  }

  /** A cluster that failed to start may have no file, a node no log. */
  async #tell(): Promise<void> {
    const told = [(await resultOf(this.start(['inspect'], { timeout: inspectMsMax }))).out];
    for (const name of ['supervisor', ...this.#nodeNames()]) {
      const lines = this.#logLinesIfAny(name).slice(-toldLinesMax);
      told.push(lines.map((line) => renderLogLine(line)).join('\n'));
    }
    process.stderr.write(`${told.join('\n')}\n`);
  }

  #nodeNames(): string[] {
    try {
      return this.clusterFile().nodes.map(({ name }) => name);
    } catch {
      return [];
    }
  }

  #logLinesIfAny(node: string): LogLine[] {
    try {
      return this.logLines(node);
    } catch {
      return [];
    }
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
