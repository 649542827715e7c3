import type { DeliveredFacts } from '../core/delivery.js';
import type { Replica } from '../core/replica.js';
import { KvcError, messageOf } from '../errors.js';
import type { HealthResponseJson } from '../protocol/api.js';
import { nodeLimitsOf, type NodeLimits } from '../protocol/nodeLimits.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { bootstrap } from './bootstrap.js';
import { CatchUp } from './catchUp.js';
import { countersOf, noCounts } from './nodeCounters.js';
import { hasPeers, isBeyondRepair, openNodeData, type NodeData } from './nodeData.js';
import type { PeerUrls } from './peerUrls.js';
import { recoverReplica } from './recoverReplica.js';
import { ReplicaDriver } from './replicaDriver.js';
import type { RunningNode } from './runningNode.js';
import { Snapshots } from './snapshots.js';
import type { Startup } from './startup.js';
import type { Surroundings } from './surroundings.js';
import { Watches } from './watches.js';

/**
 * What a node does from its start to its end, whatever surrounds it. On the way to serving it opens what it has kept; a node
 * that has nothing asks its peers to admit it and takes its state from one of them. A node that finds that it is too far
 * behind goes on serving what it has while it takes a snapshot, and joins that at once when it is whole.
 */
export class NodeLife {
  readonly #config: NodeConfig;
  readonly #limits: NodeLimits;
  readonly #around: Surroundings;
  readonly #peers: PeerUrls;
  readonly #ended = new AbortController();
  readonly #startup: Startup;
  #status: HealthResponseJson['status'] = 'starting';
  #reason = 'the node is starting';
  #data: NodeData | undefined;
  #running: RunningNode | undefined;
  #catchUp: CatchUp | undefined;
  #snapshotsTaken = 0;
  #halting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** @param peers - where they listen, to be kept up with the membership */
  constructor(config: NodeConfig, around: Surroundings, peers: PeerUrls) {
    this.#config = config;
    this.#limits = nodeLimitsOf(config.limits);
    this.#around = around;
    this.#peers = peers;
    const { time, transport, report } = around;
    this.#startup = {
      time,
      config,
      peers,
      transport,
      report,
      signal: this.#ended.signal,
      progress: this.#progress,
      become: (status, reason) => this.#become(status, reason),
      onSnapshotTaken: () => (this.#snapshotsTaken += 1),
    };
  }

  get status(): HealthResponseJson['status'] {
    return this.#status;
  }

  /** Why it does not serve; null when it does. */
  get reason(): string | null {
    return this.#status === 'ready' ? null : this.#reason;
  }

  /** undefined until it has recovered, and when it is closing. */
  get running(): RunningNode | undefined {
    return this.#status === 'ready' ? this.#running : undefined;
  }

  /** @throws KVC_E_NOT_READY while it does not serve */
  serving(): RunningNode {
    const node = this.running;
    if (node !== undefined) return node;
    const { self } = this.#config;
    const message = `${self} does not serve yet: ${this.#reason}. Try again shortly, or at another node`;
    throw new KvcError('KVC_E_NOT_READY', message, { node: self, status: this.#status });
  }

  /**
   * Recovers, then serves.
   * @returns how many updates were delivered again from the log
   * @throws KVC_E_DATA_LOCKED, KVC_E_DATA_LOST, KVC_E_DATA_FOREIGN, KVC_E_FORMAT_UNKNOWN, KVC_E_LOG_CORRUPT,
   * KVC_E_STORE_FAILED, KVC_E_REMOVED, KVC_E_CLOSED
   */
  async open(): Promise<number> {
    try {
      return await this.#openData();
    } catch (error) {
      // Some damage shows only when the log is read, which opening it does not do.
      if (this.#data === undefined || !(await this.#giveUp(this.#data, error))) throw error;
      await this.#data.close();
      return this.#openData();
    }
  }

  /** Takes nothing more: finishes what was accepted, flushes, and closes the transport. The data stays open. May be called again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Stops, and releases the data. */
  async close(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await this.#data?.close();
    }
  }

  async #stop(): Promise<void> {
    const { transport } = this.#around;
    this.#become('closing', 'the node is stopping');
    this.#ended.abort(new KvcError('KVC_E_CLOSED', 'the node is stopping'));
    await this.#running?.watches.close(watchElsewhere('stops'));
    // What a catch-up waits for is not waited for.
    const catchingUp = this.#catchUp?.underWay;
    if (catchingUp !== undefined) await transport.close();
    await catchingUp;
    this.#running?.snapshots.close();
    try {
      await this.#running?.driver.close();
    } finally {
      await transport.close();
    }
  }

  async #openData(): Promise<number> {
    this.#data = await openNodeData(this.#config, this.#around);
    await bootstrap(this.#data, this.#startup);
    return this.#serve(this.#data, this.#data.keys.opened);
  }

  /**
   * Builds the replica from what is stored, and serves.
   * @param facts - of the keys as they are now
   * @returns how many updates were delivered again from the log
   */
  async #serve(data: NodeData, facts: DeliveredFacts): Promise<number> {
    const { random } = this.#around;
    const { replica, replayed } = await recoverReplica(this.#config, this.#limits, data, facts, random);
    this.#ended.signal.throwIfAborted();
    const running = this.#run(data, replica);
    this.#running = running;
    this.#catchUp = new CatchUp(data, running, {
      startup: this.#startup,
      resume: (stored) => this.#serve(data, stored),
      onFailure: (error) => this.#halt(data, error),
    });
    this.#status = 'ready';
    running.driver.start();
    return replayed;
  }

  #run(data: NodeData, replica: Replica): RunningNode {
    const { time, random, transport, report, onStep } = this.#around;
    const { log, keys } = data;
    const config = this.#config;
    const limits = this.#limits;
    const driver = new ReplicaDriver({
      time,
      replica,
      log,
      keys,
      transport,
      report,
      limits,
      ephemeral: config.dataDir === null,
      onHalt: (error) => {
        void watches.close(watchElsewhere('stops'));
        void this.#halt(data, error);
      },
      onBehind: (peer) => this.#catchUp?.offered(peer),
      onStep: () => {
        this.#peers.follow(replica.membership);
        watches.notice();
        onStep?.(replica);
      },
    });
    const watches = new Watches({
      time,
      log,
      limits,
      durable: () => replica.durable,
      cut: () => driver.cut(),
      onDamage: (error) => driver.forgetDamaged(error),
    });
    const snapshots = new Snapshots({ time, random }, replica.self, async () => {
      const cut = await driver.cut();
      replica.noteHandedOut(cut.checkpoint.clock);
      return cut;
    });
    const before = this.#running === undefined ? noCounts : countersOf(this.#running);
    const counted = { ...before, snapshots_taken: this.#snapshotsTaken };
    return { config, driver, replica, log, keys, snapshots, watches, limits, counted };
  }

  /** For the first reason: what else fails then may only be a consequence. */
  #halt(data: NodeData, error: KvcError): Promise<void> {
    // Nothing that is under way may serve again.
    this.#ended.abort(error);
    this.#halting ??= this.#end(data, error);
    return this.#halting;
  }

  async #end(data: NodeData, error: KvcError): Promise<void> {
    const { report, onHalt } = this.#around;
    await this.#giveUp(data, error).catch((failure: unknown) => {
      report('error', 'the data could not be given up', { error: messageOf(failure) });
    });
    onHalt(error);
  }

  /**
   * A history that was set back or is damaged is given up, where there are peers to take another from: at the next opening
   * the node is another replica.
   * @returns whether it was
   */
  async #giveUp(data: NodeData, error: unknown): Promise<boolean> {
    if (!hasPeers(this.#config) || !isBeyondRepair(error)) return false;
    await data.abandon(messageOf(error));
    return true;
  }

  /** One that is being closed stays so, whatever is still under way. */
  #become(status: HealthResponseJson['status'], reason: string): void {
    if (this.#status === 'closing') return;
    this.#status = status;
    this.#progress(reason);
  }

  readonly #progress = (reason: string): void => {
    this.#reason = reason;
    this.#around.onProgress(reason);
  };
}

function watchElsewhere(what: string): KvcError {
  return new KvcError('KVC_E_NOT_READY', `the node ${what}; go on at another node`);
}
