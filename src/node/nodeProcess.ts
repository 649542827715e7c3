import { once } from 'node:events';
import type { Server } from 'node:http';
import { counterOf, emptyVector } from '../core/clock/versionVector.js';
import { firstReplicaId, type NodeName } from '../core/ids.js';
import { Replica } from '../core/replica.js';
import { KvcError, messageOf } from '../errors.js';
import type { FaultRuleJson, HealthResponseJson } from '../protocol/api.js';
import { nodeLimitsOf, type NodeLimits } from '../protocol/nodeLimits.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { FaultyTransport } from '../transport/faultyTransport.js';
import { HttpTransport } from '../transport/httpTransport.js';
import { createNodeServer } from './httpServer.js';
import { join } from './joining.js';
import type { Log } from './log.js';
import { hasPeers, isBeyondRepair, openNodeData, type NodeData } from './nodeData.js';
import { PeerUrls } from './peerUrls.js';
import { ReplicaDriver } from './replicaDriver.js';
import { replicaLimitsOf } from './replicaLimits.js';
import type { RunningNode } from './runningNode.js';
import { loadSnapshot, ownerOf } from './snapshotLoader.js';
import { Snapshots } from './snapshots.js';

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
  #status: HealthResponseJson['status'] = 'starting';
  #reason = 'the node is starting';
  #data: NodeData | undefined;
  #node: RunningNode | undefined;
  #catchingUp: Promise<void> | undefined;
  #recoveredUpdates = 0;
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
    this.#server = createNodeServer({
      config,
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
      await this.#openData();
    } catch (error) {
      // Some damage shows only when the log is read, which opening it does not do.
      if (this.#data === undefined || !(await this.#giveUp(this.#data, error))) throw error;
      await this.#data.close();
      await this.#openData();
    }
    return this.#recoveredUpdates;
  }

  /** Finishes what was accepted, flushes, and releases port and data. */
  async close(): Promise<void> {
    this.#become('closing', 'the node is stopping');
    this.#ended.abort(new KvcError('KVC_E_CLOSED', 'the node is stopping'));
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    this.#server.closeIdleConnections();
    await this.#catchingUp;
    this.#node?.snapshots.close();
    await this.#node?.driver.close();
    await this.#transport.close();
    this.#server.closeAllConnections();
    await closed;
    await this.#data?.close();
  }

  async #openData(): Promise<void> {
    this.#data = await openNodeData(this.#config, this.#events.report);
    await this.#complete(this.#data);
    await this.#serve(this.#data);
  }

  /** Gets the node what it lacks to serve: its place in the cluster, and its state. */
  async #complete(data: NodeData): Promise<void> {
    let source: NodeName | undefined;
    if (data.keys.staged?.next !== 'complete') {
      if (!data.joined) source = await this.#join(data);
      if (source !== undefined || (data.joined && data.needsSnapshot)) await this.#load(data, source);
    }
    if (data.keys.staged?.next === 'complete') await this.#install(data);
    if (!data.joined) await data.markJoined();
  }

  /** @returns who admitted it; undefined where it begins the cluster again */
  async #join(data: NodeData): Promise<NodeName | undefined> {
    this.#become('joining', 'the node asks to be admitted');
    const { self, dataDir } = this.#config;
    return join({
      self,
      replica: data.replica,
      address: this.#address(),
      peers: [...this.#peers.urls.keys()],
      transport: this.#transport,
      mayFound: dataDir === null,
      progress: this.#progress,
      signal: this.#ended.signal,
    });
  }

  async #load(data: NodeData, source: NodeName | undefined): Promise<void> {
    this.#become('loading', 'the node takes a snapshot');
    const names = [...this.#peers.urls.keys()];
    await loadSnapshot({
      replica: data.replica,
      // The others know of this replica, too, as soon as they have delivered its admission.
      peers: source === undefined ? names : [source, ...names.filter((name) => name !== source)],
      transport: this.#transport,
      keys: data.keys,
      mustCover: data.log.start,
      progress: this.#progress,
      signal: this.#ended.signal,
    });
  }

  async #install(data: NodeData): Promise<void> {
    this.#become('loading', 'the node takes over the snapshot that it has loaded');
    const { checkpoint } = data.keys.staged ?? {};
    const source = data.keys.staged && ownerOf(data.keys.staged);
    await data.install();
    this.#snapshotsTaken += 1;
    this.#events.report('info', 'took over a snapshot', {
      from: source,
      updates: [...(checkpoint?.clock.values() ?? [])].reduce((sum, counter) => sum + counter, 0),
    });
  }

  /** Builds the replica from what is stored, and serves. */
  async #serve(data: NodeData): Promise<void> {
    const replica = await this.#recover(data);
    const { log, keys } = data;
    const { report, onHalt } = this.#events;
    const driver = new ReplicaDriver({
      replica,
      log,
      keys,
      transport: this.#transport,
      report,
      limits: this.#limits,
      ephemeral: this.#config.dataDir === null,
      onHalt: (error) => void this.#halt(data, error, onHalt),
      onBehind: (peer) => this.#catchUp(data, peer),
      onStep: () => this.#peers.follow(replica.membership),
    });
    const snapshots = new Snapshots(replica.self, () => driver.cut());
    const { urls: peerUrls } = this.#peers;
    this.#node = {
      config: this.#config,
      driver,
      replica,
      log,
      keys,
      transport: this.#transport,
      peerUrls,
      snapshots,
      limits: this.#limits,
      snapshotsTaken: this.#snapshotsTaken,
    };
    this.#status = 'ready';
    driver.start();
  }

  async #recover({ replica: self, log, keys }: NodeData): Promise<Replica> {
    const { founders, self: name, delivery, hasServed } = this.#config;
    // A node that is alone, and begins again without the data of its former self, founds the cluster anew.
    const isAlone = !hasPeers(this.#config) || (hasServed && counterOf(keys.opened.clock, self) === 0);
    const isKnown = keys.opened.members.length > 0 || self === firstReplicaId(name);
    const replica = new Replica(
      {
        self,
        members: isAlone && !isKnown ? [self] : founders.map(firstReplicaId),
        address: this.#address(),
        delivery,
        random: Math.random,
        limits: replicaLimitsOf(this.#limits),
      },
      { history: log, keys, requests: keys.requests },
      keys.opened,
    );
    this.#recoveredUpdates = 0;
    for await (const update of log.replay(keys.opened.clock)) {
      replica.replay(update);
      this.#recoveredUpdates += 1;
    }
    return replica;
  }

  /** Takes a snapshot beside what it serves, then stops for as long as it takes to join the two. */
  #catchUp(data: NodeData, peer: NodeName): void {
    if (this.#catchingUp !== undefined || this.#status !== 'ready') return;
    this.#events.report(
      'info',
      `this node lacks updates that ${peer} no longer has in its log; it takes a snapshot`,
    );
    this.#catchingUp = this.#takeSnapshot(data, peer)
      .catch((error: unknown) => {
        if (this.#ended.signal.aborted) return;
        this.#events.report('error', 'could not take a snapshot', { error: messageOf(error) });
        this.#events.onHalt(asKvcError(error));
      })
      .finally(() => {
        this.#catchingUp = undefined;
      });
  }

  async #takeSnapshot(data: NodeData, peer: NodeName): Promise<void> {
    await loadSnapshot({
      replica: data.replica,
      peers: [peer],
      transport: this.#transport,
      keys: data.keys,
      mustCover: emptyVector,
      progress: () => undefined,
      signal: this.#ended.signal,
    });
    this.#become('loading', 'the node takes over a snapshot');
    this.#node?.snapshots.close();
    await this.#node?.driver.close();
    const refusal = this.#refusalOfStaged(data);
    if (refusal === undefined) await this.#install(data);
    else {
      this.#events.report('warn', 'a snapshot is not taken over', { error: refusal.message });
      await data.keys.dropStaged();
    }
    await this.#serve(data);
  }

  /** Nothing is delivered any more at this moment: the peer may have left since it gave its state. */
  #refusalOfStaged({ keys: { staged } }: NodeData): KvcError | undefined {
    if (staged === undefined) return undefined;
    return this.#node?.replica.refusalOfState(ownerOf(staged), staged.checkpoint);
  }

  async #halt(data: NodeData, error: KvcError, onHalt: (error: KvcError) => void): Promise<void> {
    await this.#giveUp(data, error).catch((failure: unknown) => {
      this.#events.report('error', 'the data could not be given up', { error: messageOf(failure) });
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

  #become(status: HealthResponseJson['status'], reason: string): void {
    this.#status = status;
    this.#progress(reason);
  }

  readonly #progress = (reason: string): void => {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#events.onProgress(reason);
  };

  #address(): string {
    return `127.0.0.1:${this.#port()}`;
  }

  #port(): number {
    const { members, self } = this.#config;
    const port = members.find(({ name }) => name === self)?.port;
    if (port === undefined) throw new KvcError('KVC_E_INTERNAL', `${self} is not among its own members`);
    return port;
  }

  async #listen(): Promise<void> {
    const port = this.#port();
    this.#server.listen({ host: '127.0.0.1', port });
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      const message = inUse ? `port ${String(port)} is in use by another process` : messageOf(error);
      throw new KvcError(
        inUse ? 'KVC_E_PORT_TAKEN' : 'KVC_E_START_FAILED',
        message,
        { port },
        { cause: error },
      );
    }
  }
}

function asKvcError(error: unknown): KvcError {
  if (error instanceof KvcError) return error;
  return new KvcError('KVC_E_INTERNAL', messageOf(error), {}, { cause: error });
}
