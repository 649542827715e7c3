import { once } from 'node:events';
import type { Server } from 'node:http';
import { counterOf, covers, emptyVector } from '../core/clock/versionVector.js';
import type { DeliveredFacts } from '../core/delivery.js';
import { firstReplicaId, type NodeName } from '../core/ids.js';
import { Replica } from '../core/replica.js';
import { asKvcError, KvcError, messageOf } from '../errors.js';
import type { FaultRuleJson } from '../protocol/faultsApi.js';
import type { HealthResponseJson } from '../protocol/api.js';
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
import { loadSnapshot, ownerOf, takeSnapshot, whenRoom } from './snapshotLoader.js';
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
  #servingSinceMs = 0;

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
    // What a catch-up waits for is not waited for.
    if (this.#catchingUp !== undefined) await this.#transport.close();
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
    await this.#serve(this.#data, this.#data.keys.opened);
  }

  /** Gets the node what it lacks to serve: its place in the cluster, and its state. */
  async #complete(data: NodeData): Promise<void> {
    let source: NodeName | undefined;
    if (data.keys.staged?.next !== 'complete') {
      if (!data.joined) source = await this.#join(data);
      if (source !== undefined || (data.joined && data.needsSnapshot)) await this.#load(data, source);
    }
    if (mustInstall(data)) await this.#install(data);
    else if (data.keys.staged !== undefined) await data.keys.dropStaged();
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
    const beat = setInterval(() => this.#events.onProgress(this.#reason), beatMs);
    try {
      const { signal } = this.#ended;
      await whenRoom({ progress: this.#progress, signal }, () => data.install());
    } finally {
      clearInterval(beat);
    }
    this.#snapshotsTaken += 1;
    this.#events.report('info', 'took over a snapshot', {
      from: source,
      updates: [...(checkpoint?.clock.values() ?? [])].reduce((sum, counter) => sum + counter, 0),
    });
  }

  /**
   * Builds the replica from what is stored, and serves.
   * @param facts - of the keys as they are now
   */
  async #serve(data: NodeData, facts: DeliveredFacts): Promise<void> {
    const replica = await this.#recover(data, facts);
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
    this.#servingSinceMs = performance.now();
    driver.start();
  }

  async #recover({ replica: self, log, keys }: NodeData, facts: DeliveredFacts): Promise<Replica> {
    const { founders, self: name, delivery, hasServed } = this.#config;
    // A node that is alone, and begins again without the data of its former self, founds the cluster anew.
    const isAlone = !hasPeers(this.#config) || (hasServed && counterOf(facts.clock, self) === 0);
    const isKnown = facts.members.length > 0 || self === firstReplicaId(name);
    const replica = new Replica(
      {
        self,
        founders: isAlone && !isKnown ? [self] : founders.map(firstReplicaId),
        address: this.#address(),
        delivery,
        random: Math.random,
        limits: replicaLimitsOf(this.#limits),
      },
      { history: log, keys, requests: keys.requests },
      facts,
    );
    this.#recoveredUpdates = 0;
    for await (const update of log.replay(facts.clock)) {
      replica.replay(update);
      this.#recoveredUpdates += 1;
    }
    return replica;
  }

  /**
   * Takes a snapshot beside what it serves, then stops for as long as it takes to join the two. One attempt for one offer:
   * offers come again and again, of whoever can help. The first second does not count: they may be of before.
   */
  #catchUp(data: NodeData, peer: NodeName): void {
    const isNew = performance.now() - this.#servingSinceMs < newMs;
    if (this.#catchingUp !== undefined || this.#status !== 'ready' || isNew) return;
    if (!this.#peers.urls.has(peer)) return;
    this.#events.report(
      'info',
      `this node lacks updates that ${peer} no longer has in its log; it takes a snapshot`,
    );
    this.#catchingUp = this.#takeSnapshot(data, peer)
      .catch((error: unknown) => {
        if (this.#ended.signal.aborted) return;
        this.#events.report('error', 'could not take a snapshot', { error: messageOf(error) });
        return this.#halt(data, asKvcError(error), this.#events.onHalt);
      })
      .finally(() => {
        this.#catchingUp = undefined;
      });
  }

  async #takeSnapshot(data: NodeData, peer: NodeName): Promise<void> {
    const { replica, keys } = data;
    const transport = this.#transport;
    const { signal } = this.#ended;
    const progress = (): void => undefined;
    const options = { replica, transport, keys, mustCover: emptyVector, progress, signal };
    const failure = await takeSnapshot(options, peer);
    const node = this.#node;
    if (failure !== undefined || node === undefined) {
      this.#events.report('warn', 'could not take a snapshot; another offer is waited for', {
        error: failure,
      });
      return;
    }
    // Asked before it stops to serve, and again when nothing is delivered any more: the peer may leave in between.
    if (await this.#isRefused(data, node)) return;
    await whenRoom({ progress, signal }, async () => (await node.driver.cut()).close());
    signal.throwIfAborted();
    this.#become('loading', 'the node takes over a snapshot');
    node.snapshots.close();
    await node.driver.close();
    signal.throwIfAborted();
    if (await this.#isRefused(data, node)) return this.#serve(data, node.replica.facts());
    await this.#install(data);
    await this.#serve(data, data.keys.opened);
  }

  /** @throws KvcError if it is this node that must not go on */
  async #isRefused({ keys }: NodeData, { replica }: RunningNode): Promise<boolean> {
    if (keys.staged === undefined) return true;
    const refusal = replica.refusalOfState(ownerOf(keys.staged), keys.staged.checkpoint);
    if (refusal === undefined) return false;
    const isOwn = refusal.code === 'KVC_E_DATA_LOST' || refusal.facts.replica === replica.self;
    if (isOwn) throw refusal;
    this.#events.report('warn', 'a snapshot is not taken over', { error: refusal.message });
    await keys.dropStaged();
    return true;
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

/**
 * Whether a snapshot that is staged whole is to be taken over before the node serves: one without which it cannot, or that
 * was begun to be taken over, which the log tells. Any other is taken anew if it is still needed, and asked about then.
 */
function mustInstall({ joined, needsSnapshot, log, keys: { staged } }: NodeData): boolean {
  if (staged?.next !== 'complete') return false;
  return !joined || needsSnapshot || covers(log.clock, staged.checkpoint.clock);
}

/** While it takes over a snapshot, it says so this often: its supervisor ends a node that is silent. */
const beatMs = 10_000;
/** How long after it begins to serve an offer of a snapshot may be of before. */
const newMs = 1000;
