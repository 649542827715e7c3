import { KvcError, messageOf } from '../errors.js';
import { nodeLimitsOf } from '../protocol/nodeLimits.js';
import { ClusterFaults } from './clusterFaults.js';
import type { ClusterFile, SupervisorRecord } from './clusterFile.js';
import type { ControlStatusJson } from './controlApi.js';
import type { EntryPoint } from './entryPoint.js';
import type { ForkNode } from './forkedNode.js';
import type { ManagedNode } from './managedNode.js';
import { Membership } from './membership.js';
import { Roster } from './roster.js';
import type { SupervisorLog } from './supervisorLog.js';

export interface SupervisorOptions {
  /** The cluster's directory, locked by this process. */
  readonly dir: string;
  readonly file: ClusterFile;
  readonly instance: string;
  readonly nodeEntry: EntryPoint;
}

export interface SupervisorParts {
  readonly forkNode: ForkNode;
  readonly log: SupervisorLog;
}

/** The nodes of one running cluster and their faults. Lives in the supervisor process. */
export class Supervisor {
  readonly faults: ClusterFaults;
  readonly membership: Membership;
  readonly #roster: Roster;
  readonly #instance: string;
  readonly #log: SupervisorLog;
  readonly #startedAtMs = Date.now();

  constructor(options: SupervisorOptions, { forkNode, log }: SupervisorParts) {
    this.#instance = options.instance;
    this.#log = log;
    this.#roster = new Roster(options, {
      forkNode,
      log,
      startRules: (name) => this.faults.startRules(name),
      onFaults: (name, rules) => this.faults.heard(name, rules),
      onRunning: (node) => this.#giveFaults(node),
    });
    this.faults = new ClusterFaults(this.#roster.nodes);
    this.membership = new Membership({ roster: this.#roster, faults: this.faults, log });
  }

  /** From here on the cluster can be found and commanded, also while its nodes start. */
  announce(record: SupervisorRecord): void {
    this.#roster.write({ ...this.#roster.file, supervisor: record });
  }

  /**
   * Starts all nodes at once; resolves when all serve, but for those that were removed from the cluster, as after a
   * supervisor that died while it removed one.
   * @returns what the user should know
   * @throws KvcError of the first that does not start, after all have been stopped
   */
  async start(): Promise<readonly string[]> {
    const { nodes } = this.#roster;
    const starts = await Promise.allSettled(nodes.map((node) => node.start()));
    const failures = starts
      .filter((start) => start.status === 'rejected')
      .map(({ reason }) => reason as Error);
    const [failure] = failures.length < nodes.length ? failures.filter((each) => !isRemoval(each)) : failures;
    if (failure !== undefined) {
      await this.stop();
      throw failure;
    }
    // Before anybody is told that the nodes serve: what they acknowledge must not pass for a new node's emptiness.
    this.#roster.write(this.#roster.file);
    const removed = nodes.filter((_, index) => starts[index]?.status === 'rejected');
    return removed.map((node) => removedNote(node.name, this.#roster.file.name));
  }

  /** Every node shuts down cleanly, by force where it does not. */
  async stop(): Promise<void> {
    this.membership.close();
    await Promise.all(this.#roster.nodes.map((node) => node.stop()));
  }

  async kill(): Promise<void> {
    this.membership.close();
    await Promise.all(this.#roster.nodes.map((node) => node.kill()));
  }

  /** The cluster is stopped, and can be started again. */
  retire(): void {
    this.#roster.write({ ...this.#roster.file, supervisor: null });
  }

  /** @throws KvcError KVC_E_NODE_UNKNOWN */
  node(name: string): ManagedNode {
    return this.#roster.node(name);
  }

  status(): ControlStatusJson {
    const { id, name, delivery, durability, limits } = this.#roster.file;
    return {
      cluster: { id, name },
      instance: this.#instance,
      delivery,
      durability,
      limits: nodeLimitsOf(limits),
      started_at_ms: this.#startedAtMs,
      nodes: this.#roster.nodes.map((node) => node.describe()),
      faults: this.faults.list(),
    };
  }

  #giveFaults(node: ManagedNode): void {
    this.faults.catchUp(node).catch((error: unknown) => {
      this.#log.write('error', `${node.name} did not take its faults`, { error: messageOf(error) });
    });
  }
}

function isRemoval(error: unknown): boolean {
  return error instanceof KvcError && error.code === 'KVC_E_REMOVED';
}

function removedNote(node: string, cluster: string): string {
  const remedy = `kvc remove ${node} --force --cluster ${cluster}`;
  return `${node} was removed from the cluster, so it does not run; take it off the list: ${remedy}`;
}
