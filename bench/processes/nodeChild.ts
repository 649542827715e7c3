import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { NodeName } from '../../src/core/ids.js';
import type { NodeConfig, NodeMessage } from '../../src/protocol/nodeMessages.js';
import { paths } from './paths.js';

/** A node that does not stop for so long is ended. */
const stopMsMax = 10_000;

/** One node process after another, under one name and on the same ports. */
export class NodeChild {
  readonly name: NodeName;
  readonly port: number;
  readonly respPort: number;
  readonly instance: string;
  readonly #profileDir: string | undefined;
  #child: ChildProcess | undefined;

  constructor(
    name: NodeName,
    ports: { readonly http: number; readonly resp: number },
    profileDir: string | undefined,
  ) {
    this.name = name;
    this.port = ports.http;
    this.respPort = ports.resp;
    this.instance = `bench-${process.pid}-${ports.http}`;
    this.#profileDir = profileDir;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the node serves. @throws Error if it ends before that, or takes longer than `msMax` */
  async start(config: NodeConfig, msMax: number): Promise<void> {
    const profileDir = this.#profileDir;
    const child = fork(paths.nodeMain, ['--instance', this.instance], {
      // The benchmark runs under tsx, whose flags a child would inherit.
      execArgv: profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.send({ kind: 'start', config });
    await ready(child, this.name, msMax);
  }

  /** Asks the node to stop, and ends it if it does not within the time that it allows itself. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const force = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
    if (child.connected) child.send({ kind: 'stop' });
    await ended;
    clearTimeout(force);
  }
}

function ready(child: ChildProcess, name: NodeName, msMax: number): Promise<void> {
  let latest = 'it said nothing yet';
  return new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${name} ${why}: ${latest}`));
    const timer = setTimeout(() => fail(`was not ready after ${msMax} ms`), msMax);
    child.once('exit', () => {
      clearTimeout(timer);
      fail('ended before it was ready');
    });
    child.on('message', (message: NodeMessage) => {
      if (message.kind === 'progress') latest = message.reason;
      if (message.kind === 'failed') latest = message.message;
      if (message.kind !== 'ready') return;
      clearTimeout(timer);
      resolve();
    });
  });
}
