import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Log } from '../driver/log.js';
import { NodeLife } from '../driver/nodeLife.js';
import { ownPort } from '../driver/ownPort.js';
import { PeerUrls } from '../driver/peerUrls.js';
import { KvcError, messageOf } from '../errors.js';
import type { FaultRuleJson } from '../protocol/faultsApi.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { FaultyTransport } from '../transport/faultyTransport.js';
import { HttpTransport } from '../transport/httpTransport.js';
import { createNodeServer } from './httpServer.js';
import type { NodeLinks } from './nodeLinks.js';
import { realPlace } from './realPlace.js';
import { realTime } from './realTime.js';

export interface NodeEvents {
  readonly report: Log;
  readonly onFaults: (faults: readonly FaultRuleJson[]) => void;
  /** What it does while it is not ready yet, for people. */
  readonly onProgress: (reason: string) => void;
  /** The node must not go on: its process is to exit. */
  readonly onHalt: (error: KvcError) => void;
}

/** One node in its process: its life with real time, disk and network, and the server in front of it. */
export class NodeProcess {
  readonly #config: NodeConfig;
  readonly #server: Server;
  readonly #life: NodeLife;

  constructor(config: NodeConfig, events: NodeEvents) {
    this.#config = config;
    const { report, onProgress, onHalt } = events;
    const links = linksOf(config, events);
    const around = {
      time: realTime(),
      random,
      transport: links.transport,
      place: realPlace(config.instance),
      report,
      onProgress,
      onHalt,
    };
    const life = new NodeLife(config, around, links.peers);
    this.#life = life;
    this.#server = createNodeServer({ config, links, report, life });
  }

  /**
   * Listens first, so that a taken port is found before any data is touched, then recovers, then serves.
   * @returns how many updates were delivered again from the log
   * @throws KVC_E_PORT_TAKEN, and what `NodeLife.open` throws
   */
  async open(): Promise<number> {
    await this.#listen();
    return this.#life.open();
  }

  /** Finishes what was accepted, flushes, and releases port and data. */
  async close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    const stopped = this.#life.stop();
    this.#server.close();
    this.#server.closeIdleConnections();
    try {
      await stopped;
    } finally {
      this.#server.closeAllConnections();
      await closed;
      await this.#life.close();
    }
  }

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

function linksOf(config: NodeConfig, { onFaults }: NodeEvents): NodeLinks {
  const { self, clusterId, faults } = config;
  const peers = new PeerUrls(config);
  const transport = new FaultyTransport(new HttpTransport(peers.urls, { clusterId }), {
    source: self,
    random: Math.random,
    now: Date.now,
    initial: faults,
    onChange: onFaults,
  });
  return { config, transport, peers };
}

/** Names are drawn from it that must never be drawn twice, by any process. */
function random(): number {
  return randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
}
