import { randomBytes } from 'node:crypto';
import type { Log } from '../driver/log.js';
import { NodeLife } from '../driver/nodeLife.js';
import { ownPort } from '../driver/ownPort.js';
import { PeerUrls } from '../driver/peerUrls.js';
import type { Time } from '../driver/time.js';
import type { KvcError } from '../errors.js';
import type { FaultRuleJson } from '../protocol/faultsApi.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { FaultyTransport } from '../transport/faultyTransport.js';
import { LinkTransport } from '../transport/linkTransport.js';
import type { Transport } from '../transport/transport.js';
import { PortEntrance, type Entrance } from './entrance.js';
import { createNodeServer } from './httpServer.js';
import type { NodeLinks } from './nodeLinks.js';
import type { NodeServer } from './nodeServer.js';
import { RespServer } from './resp/respServer.js';
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

/** What a node process stands on. Where several nodes share one process, each needs some that can fail by itself. */
export interface NodeFooting {
  readonly entrance: Entrance;
  /** Where clients of the Redis protocol come in; undefined: nowhere. */
  readonly respEntrance?: Entrance | undefined;
  readonly time: Time;
  /** Puts something between the faults and the network. */
  readonly wrap: (network: Transport) => Transport;
}

/** One node in its process: its life with real time, disk and network, and the server in front of it. */
export class NodeProcess {
  readonly #server: NodeServer;
  readonly #entrance: Entrance;
  readonly #respServer: RespServer;
  readonly #respEntrance: Entrance | undefined;
  readonly #links: NodeLinks;
  readonly #life: NodeLife;

  /** @param footing - default: the machine, and the port that the configuration says */
  constructor(config: NodeConfig, events: NodeEvents, footing = machineFooting(config)) {
    const { report, onProgress, onHalt } = events;
    const links = linksOf(config, events, footing);
    const around = {
      time: footing.time,
      random,
      transport: links.transport,
      place: realPlace(config.instance),
      report,
      onProgress,
      onHalt,
    };
    const life = new NodeLife(config, around, links.peers);
    this.#links = links;
    this.#life = life;
    this.#entrance = footing.entrance;
    this.#respEntrance = footing.respEntrance;
    const served = { config, links, report, life };
    this.#server = createNodeServer(served);
    this.#respServer = new RespServer(served);
  }

  /**
   * Listens first, so that a taken port is found before any data is touched, then recovers, then serves.
   * @returns how many updates were delivered again from the log
   * @throws KVC_E_PORT_TAKEN, and what `NodeLife.open` throws
   */
  async open(): Promise<number> {
    await this.#entrance.open(this.#server);
    await this.#respEntrance?.open(this.#respServer);
    return this.#life.open();
  }

  /** Finishes what was accepted, flushes, and releases port and data. */
  async close(): Promise<void> {
    const stopped = this.#life.stop();
    this.#entrance.shut();
    this.#respEntrance?.shut();
    try {
      await stopped;
    } finally {
      await this.#closeEntrances();
      await this.#life.close();
    }
  }

  async #closeEntrances(): Promise<void> {
    await Promise.all([this.#entrance.close(), this.#respEntrance?.close()]);
  }

  /** For others it ends at this moment: no answer and no message leaves it any more. Then it closes. */
  async kill(): Promise<void> {
    const cutOff = this.#closeEntrances();
    await this.#links.transport.close();
    await cutOff;
    await this.#life.close();
  }
}

function machineFooting(config: NodeConfig): NodeFooting {
  const { respPort } = config;
  const respEntrance = respPort === undefined ? undefined : new PortEntrance(respPort);
  const entrance = new PortEntrance(ownPort(config));
  return { entrance, respEntrance, time: realTime(), wrap: (network) => network };
}

function linksOf(config: NodeConfig, { onFaults }: NodeEvents, { wrap }: NodeFooting): NodeLinks {
  const { self, clusterId, faults } = config;
  const peers = new PeerUrls(config);
  const transport = new FaultyTransport(wrap(new LinkTransport(peers.urls, { clusterId })), {
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
