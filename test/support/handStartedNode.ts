import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ClusterFile } from '../../src/cluster/clusterFile.js';
import { parseNodeName } from '../../src/protocol/names.js';
import type { NodeConfig, NodeMessage } from '../../src/protocol/nodeMessages.js';
import { paths } from '../../bench/processes/paths.js';
import { until } from './until.js';

/** A node process that nobody supervises, as somebody might start who has kept a copy of its data. */
export class HandStartedNode {
  readonly messages: NodeMessage[] = [];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => this.messages.push(message as NodeMessage));
  }

  /** @param file - of the cluster to which it is to belong, as it was */
  static start(file: ClusterFile, self: string, dataDir: string): HandStartedNode {
    const instance = `by-hand-${process.pid}`;
    const child = fork(paths.nodeMain, ['--instance', instance], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const config: NodeConfig = {
      clusterId: file.id,
      clusterName: file.name,
      self: parseNodeName(self),
      instance,
      members: file.nodes.map(({ name, port }) => ({ name, port })),
      founders: file.founders,
      dataDir,
      hasServed: true,
      delivery: file.delivery,
      limits: file.limits,
      faults: [],
    };
    child.send({ kind: 'start', config });
    return new HandStartedNode(child);
  }

  /** Resolves with why it stopped. */
  failed(): Promise<NodeMessage & { kind: 'failed' }> {
    return until('the node stops', () => this.messages.find((message) => message.kind === 'failed'), 30_000);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
