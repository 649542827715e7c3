import { emptyVector } from '../core/clock/versionVector.js';
import type { DeliveredFacts } from '../core/delivery.js';
import { nodeOf, type NodeName } from '../core/ids.js';
import { asKvcError, hasCode, KvcError, messageOf } from '../errors.js';
import { installSnapshot } from './installSnapshot.js';
import type { NodeData } from './nodeData.js';
import type { RunningNode } from './runningNode.js';
import { takeSnapshot, whenRoom } from './snapshotLoader.js';
import type { Startup } from './startup.js';

/** How long after the node begins to serve an offer of a snapshot may be of before. */
const newMs = 1000;

export interface CatchUpParts {
  readonly startup: Startup;
  /** Serves again, from what is stored. The facts are those of the keys as they are now. */
  readonly resume: (facts: DeliveredFacts) => Promise<unknown>;
  /** The node must not go on. */
  readonly onFailure: (error: KvcError) => Promise<void>;
}

/**
 * Takes a snapshot beside what a node serves, then stops it for as long as it takes to join the two. One attempt for one
 * offer: offers come again and again, of whoever can help.
 */
export class CatchUp {
  readonly #data: NodeData;
  readonly #node: RunningNode;
  readonly #parts: CatchUpParts;
  readonly #servingSinceMs: number;
  /** Why the last attempt with a peer failed. */
  readonly #failures = new Map<NodeName, string>();
  #underWay: Promise<void> | undefined;

  constructor(data: NodeData, node: RunningNode, parts: CatchUpParts) {
    this.#data = data;
    this.#node = node;
    this.#parts = parts;
    this.#servingSinceMs = parts.startup.time.now();
  }

  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  /** The peer has what the node lacks, and no longer in its log. */
  offered(peer: NodeName): void {
    const { time, signal, peers, report } = this.#parts.startup;
    const isNew = time.now() - this.#servingSinceMs < newMs;
    if (this.#underWay !== undefined || signal.aborted || isNew || !peers.urls.has(peer)) return;
    if (!this.#failures.has(peer)) {
      report('info', `this node lacks updates that ${peer} no longer has in its log; it takes a snapshot`);
    }
    this.#underWay = this.#run(peer)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#underWay = undefined;
      });
  }

  async #run(peer: NodeName): Promise<void> {
    const { startup } = this.#parts;
    const { time, transport, signal } = startup;
    const { replica, keys } = this.#data;
    const progress = (): void => undefined;
    const options = { time, replica, transport, keys, mustCover: emptyVector, progress, signal };
    const failure = await takeSnapshot(options, peer).catch(messageOfRemoval);
    if (failure !== undefined) {
      this.#missed(peer, failure);
      return;
    }
    // Asked before it stops to serve, and again when nothing is delivered any more: the peer may leave in between.
    if (await this.#isRefused()) return;
    await whenRoom({ time, progress, signal }, async () => (await this.#node.driver.cut()).close());
    signal.throwIfAborted();
    await this.#takeOver();
  }

  async #takeOver(): Promise<void> {
    const { startup, resume } = this.#parts;
    const { replica, driver, snapshots, watches } = this.#node;
    startup.become('loading', 'the node takes over a snapshot');
    snapshots.close();
    await watches.close(new KvcError('KVC_E_NOT_READY', 'the node takes over a snapshot; go on in a moment'));
    const unwritten = await driver.close();
    if (unwritten !== undefined) throw unwritten;
    startup.signal.throwIfAborted();
    if (await this.#isRefused()) {
      await resume(replica.facts());
      return;
    }
    await installSnapshot(this.#data, startup);
    startup.signal.throwIfAborted();
    await resume(this.#data.keys.opened);
  }

  /** @throws KvcError if it is this node that must not go on */
  async #isRefused(): Promise<boolean> {
    const { replica } = this.#node;
    const { keys } = this.#data;
    if (keys.staged === undefined) return true;
    const refusal = replica.refusalOfState(keys.staged.source.replica, keys.staged.checkpoint);
    if (refusal === undefined) return false;
    const isOwn = refusal.code === 'KVC_E_DATA_LOST' || refusal.facts.replica === replica.self;
    if (isOwn) throw refusal;
    this.#missed(nodeOf(keys.staged.source.replica), refusal.message);
    const { time, signal } = this.#parts.startup;
    await whenRoom({ time, progress: () => undefined, signal }, () => keys.dropStaged());
    return true;
  }

  /** Offers come every few seconds: only what is new is told. */
  #missed(peer: NodeName, failure: string): void {
    if (this.#failures.get(peer) === failure) return;
    this.#failures.set(peer, failure);
    this.#parts.startup.report('warn', 'could not take a snapshot; another offer is waited for', {
      error: failure,
    });
  }

  async #failed(error: unknown): Promise<void> {
    const { startup, onFailure } = this.#parts;
    if (startup.signal.aborted) return;
    startup.report('error', 'could not take a snapshot', { error: messageOf(error) });
    await onFailure(asKvcError(error));
  }
}

/**
 * What follows from having left is the replica's to judge, which hears of it in answer to its next message as well: one that
 * leaves of its own accord ends only when what it has is durable elsewhere, and here a peer may speak of what it has merely
 * received.
 */
function messageOfRemoval(error: unknown): string {
  if (hasCode(error, 'KVC_E_REMOVED')) return error.message;
  throw error;
}
