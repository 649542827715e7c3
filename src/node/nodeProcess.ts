import { once } from 'node:events';
import type { Server } from 'node:http';
import { KvcError, messageOf } from '../errors.js';
import type { FaultRuleJson, HealthResponseJson } from '../protocol/api.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { FaultyTransport } from '../transport/faultyTransport.js';
import { HttpTransport } from '../transport/httpTransport.js';
import { createNodeServer } from './httpServer.js';
import type { Log } from './log.js';
import { ReplicaDriver } from './replicaDriver.js';
import type { RunningNode } from './runningNode.js';
import { openReplica, type OpenedReplica } from './storage.js';

export interface NodeEvents {
  readonly report: Log;
  readonly onFaults: (faults: readonly FaultRuleJson[]) => void;
  /** The node must not go on: its process is to exit. */
  readonly onHalt: (error: KvcError) => void;
}

/** One node: its server, its replica and its links, from listening to closed. */
export class NodeProcess {
  readonly #config: NodeConfig;
  readonly #events: NodeEvents;
  readonly #server: Server;
  #status: HealthResponseJson['status'] = 'starting';
  #opened: OpenedReplica | undefined;
  #node: RunningNode | undefined;

  constructor(config: NodeConfig, events: NodeEvents) {
    this.#config = config;
    this.#events = events;
    this.#server = createNodeServer({
      config,
      report: events.report,
      status: () => this.#status,
      node: () => (this.#status === 'ready' ? this.#node : undefined),
    });
  }

  /**
   * Listens first, so that a taken port is found before any data is touched, then recovers, then serves.
   * @returns how many updates were delivered again from the log
   * @throws KVC_E_PORT_TAKEN, KVC_E_DATA_LOCKED, KVC_E_DATA_LOST, KVC_E_DATA_FOREIGN, KVC_E_FORMAT_UNKNOWN,
   * KVC_E_LOG_CORRUPT, KVC_E_STORE_FAILED
   */
  async open(): Promise<number> {
    await this.#listen();
    this.#opened = await openReplica(this.#config, this.#events.report);
    this.#node = this.#assemble(this.#opened);
    this.#status = 'ready';
    this.#node.driver.start();
    return this.#opened.recoveredUpdates;
  }

  /** Finishes what was accepted, flushes, and releases port and data. */
  async close(): Promise<void> {
    this.#status = 'closing';
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    await this.#node?.driver.close();
    this.#server.closeAllConnections();
    await closed;
    await this.#opened?.release();
  }

  #assemble({ replica, log, keys }: OpenedReplica): RunningNode {
    const { self, faults, members } = this.#config;
    const peers = members.filter(({ name }) => name !== self);
    const peerUrls = new Map(peers.map(({ name, port }) => [name, `http://127.0.0.1:${port}`]));
    const transport = new FaultyTransport(
      new HttpTransport(peerUrls, { clusterId: this.#config.clusterId }),
      {
        source: self,
        random: Math.random,
        now: Date.now,
        initial: faults,
        onChange: this.#events.onFaults,
      },
    );
    const { report, onHalt } = this.#events;
    const driver = new ReplicaDriver({ replica, log, keys, transport, report, onHalt });
    return { config: this.#config, driver, replica, log, keys, transport, peerUrls };
  }

  async #listen(): Promise<void> {
    const port = this.#config.members.find(({ name }) => name === this.#config.self)?.port;
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
