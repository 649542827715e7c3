import { once } from 'node:events';
import type { Server } from 'node:http';
import type { DeliveredFacts } from '../core/delivery.js';
import type { Replica } from '../core/replica.js';
import { KvcError, messageOf } from '../errors.js';
import type { FaultRuleJson } from '../protocol/faultsApi.js';
import type { HealthResponseJson } from '../protocol/api.js';
import { nodeLimitsOf, type NodeLimits } from '../protocol/nodeLimits.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { FaultyTransport } from '../transport/faultyTransport.js';
import { HttpTransport } from '../transport/httpTransport.js';
import { bootstrap } from './bootstrap.js';
import { CatchUp } from './catchUp.js';
import { createNodeServer } from './httpServer.js';
import type { Log } from './log.js';
import { countersOf, noCounts } from './nodeCounters.js';
import { hasPeers, isBeyondRepair, openNodeData, type NodeData } from './nodeData.js';
import { ownPort } from './ownPort.js';
import { PeerUrls } from './peerUrls.js';
import { recoverReplica } from './recoverReplica.js';
import { ReplicaDriver } from './replicaDriver.js';
import type { RunningNode } from './runningNode.js';
import { Snapshots } from './snapshots.js';
import type { Startup } from './startup.js';

export interface NodeEvents {
  readonly report: Log;
  readonly onFaults: (faults: readonly FaultRuleJson[]) => void;
  /** What it does while it is not ready yet, for people. */
  readonly onProgress: (reason: string) => void;
  /** The node must not go on: its process is to exit. */
  readonly onHalt: (error: KvcError) => void;
}

/**
 * One node: its server, its replica and its links, from listening to closed. On the way to serving it opens what it has
 * kept; a node that has nothing asks its peers to admit it and takes its state from one of them. A node that finds that it
 * is too far behind goes on serving what it has while it takes a snapshot, and joins that at once when it is whole.
 */
export class NodeProcess {
  readonly #config: NodeConfig;
  readonly #limits: NodeLimits;
  readonly #events: NodeEvents;
  readonly #server: Server;
  readonly #peers: PeerUrls;
  readonly #transport: FaultyTransport;
  readonly #ended = new AbortController();
  readonly #startup: Startup;
  #status: HealthResponseJson['status'] = 'starting';
  #reason = 'the node is starting';
  #data: NodeData | undefined;
  #node: RunningNode | undefined;
  #catchUp: CatchUp | undefined;
  #snapshotsTaken = 0;

  constructor(config: NodeConfig, events: NodeEvents) {
    this.#config = config;
    this.#limits = nodeLimitsOf(config.limits);
    this.#events = events;
    this.#peers = new PeerUrls(config);
    const { self, clusterId, faults } = config;
    this.#transport = new FaultyTransport(new HttpTransport(this.#peers.urls, { clusterId }), {
      source: self,
      random: Math.random,
      now: Date.now,
      initial: faults,
      onChange: events.onFaults,
    });
    this.#startup = {
      config,
      peers: this.#peers,
      transport: this.#transport,
      report: events.report,
      signal: this.#ended.signal,
      progress: this.#progress,
      become: (status, reason) => this.#become(status, reason),
      onSnapshotTaken: () => (this.#snapshotsTaken += 1),
    };
    this.#server = createNodeServer({
      config,
      links: { config, transport: this.#transport, peerUrls: this.#peers.urls },
      report: events.report,
      status: () => this.#status,
      reason: () => (this.#status === 'ready' ? null : this.#reason),
      node: () => (this.#status === 'ready' ? this.#node : undefined),
    });
  }

  /**
   * Listens first, so that a taken port is found before any data is touched, then recovers, then serves.
   * @returns how many updates were delivered again from the log
   * @throws KVC_E_PORT_TAKEN, KVC_E_DATA_LOCKED, KVC_E_DATA_LOST, KVC_E_DATA_FOREIGN, KVC_E_FORMAT_UNKNOWN,
   * KVC_E_LOG_CORRUPT, KVC_E_STORE_FAILED, KVC_E_REMOVED, KVC_E_CLOSED
   */
  async open(): Promise<number> {
    await this.#listen();
    try {
      return await this.#openData();
    } catch (error) {
      // Some damage shows only when the log is read, which opening it does not do.
      if (this.#data === undefined || !(await this.#giveUp(this.#data, error))) throw error;
      await this.#data.close();
      return this.#openData();
    }
  }

  /** Finishes what was accepted, flushes, and releases port and data. */
  async close(): Promise<void> {
    this.#become('closing', 'the node is stopping');
    this.#ended.abort(new KvcError('KVC_E_CLOSED', 'the node is stopping'));
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    this.#server.closeIdleConnections();
    // What a catch-up waits for is not waited for.
    const catchingUp = this.#catchUp?.underWay;
    if (catchingUp !== undefined) await this.#transport.close();
    await catchingUp;
    this.#node?.snapshots.close();
    await this.#node?.driver.close();
    await this.#transport.close();
    this.#server.closeAllConnections();
    await closed;
    await this.#data?.close();
  }

  async #openData(): Promise<number> {
    this.#data = await openNodeData(this.#config, this.#events.report);
    await bootstrap(this.#data, this.#startup);
    return this.#serve(this.#data, this.#data.keys.opened);
  }

  /**
   * Builds the replica from what is stored, and serves.
   * @param facts - of the keys as they are now
   * @returns how many updates were delivered again from the log
   */
  async #serve(data: NodeData, facts: DeliveredFacts): Promise<number> {
    const { replica, replayed } = await recoverReplica(this.#config, this.#limits, data, facts);
    this.#ended.signal.throwIfAborted();
    const node = this.#running(data, replica);
    this.#node = node;
    this.#catchUp = new CatchUp(data, node, {
      startup: this.#startup,
      resume: (stored) => this.#serve(data, stored),
      onFailure: (error) => this.#halt(data, error),
    });
    this.#status = 'ready';
    node.driver.start();
    return replayed;
  }

  #running(data: NodeData, replica: Replica): RunningNode {
    const { log, keys } = data;
    const links = { config: this.#config, transport: this.#transport, peerUrls: this.#peers.urls };
    const driver = new ReplicaDriver({
      replica,
      log,
      keys,
      transport: this.#transport,
      report: this.#events.report,
      limits: this.#limits,
      ephemeral: this.#config.dataDir === null,
      onHalt: (error) => void this.#halt(data, error),
      onBehind: (peer) => this.#catchUp?.offered(peer),
      onStep: () => this.#peers.follow(replica.membership),
    });
    const snapshots = new Snapshots(replica.self, async () => {
      const cut = await driver.cut();
      replica.noteHandedOut(cut.checkpoint.clock);
      return cut;
    });
    const before = this.#node === undefined ? noCounts : countersOf(this.#node);
    const counted = { ...before, snapshots_taken: this.#snapshotsTaken };
    return { ...links, driver, replica, log, keys, snapshots, limits: this.#limits, counted };
  }

  async #halt(data: NodeData, error: KvcError): Promise<void> {
    await this.#giveUp(data, error).catch((failure: unknown) => {
      this.#events.report('error', 'the data could not be given up', { error: messageOf(failure) });
    });
    this.#events.onHalt(error);
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
    this.#events.onProgress(reason);
  };

  async #listen(): Promise<void> {
    const port = ownPort(this.#config);
    this.#server.listen({ host: '127.0.0.1', port });
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      const message = inUse ? `port ${port} is in use by another process` : messageOf(error);
      throw new KvcError(
        inUse ? 'KVC_E_PORT_TAKEN' : 'KVC_E_START_FAILED',
        message,
        { port },
        { cause: error },
      );
    }
  }
}
