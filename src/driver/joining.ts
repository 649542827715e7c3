import type { NodeName, ReplicaId } from '../core/ids.js';
import { asKvcError, type KvcError } from '../errors.js';
import type { Transport } from '../transport/transport.js';
import type { Time } from './time.js';

export interface JoiningOptions {
  readonly time: Time;
  readonly self: NodeName;
  readonly replica: ReplicaId;
  readonly address: string;
  readonly peers: readonly NodeName[];
  readonly transport: Transport;
  /** True: where all nodes have lost their data, one of them begins again without. Nothing was to be kept. */
  readonly mayFound: boolean;
  /** What is going on, for people. */
  readonly progress: (reason: string) => void;
  readonly signal: AbortSignal;
}

const pauseMs = 200;

/**
 * Characters of what a peer says that are told on. One that joins as well tells on what it heard of this node: without a
 * limit two of them would fill their memory with what the other said of them.
 */
const reasonMax = 200;

/**
 * Asks the peers in turn to admit this replica, until one has.
 * @returns who did; undefined if no node has any data and this one is to begin the cluster again
 * @throws KvcError KVC_E_REMOVED; KVC_E_CLOSED when the signal aborts it
 */
export async function join(options: JoiningOptions): Promise<NodeName | undefined> {
  const { time, self, peers, mayFound, progress, signal } = options;
  progress(`asks ${peers.join(', ')} to admit it`);
  for (;;) {
    const refusals = new Map<NodeName, KvcError>();
    for (const peer of peers) {
      signal.throwIfAborted();
      const refusal = await ask(options, peer);
      if (refusal === undefined) return peer;
      refusals.set(peer, refusal);
    }
    const areAllEmpty = [...refusals.values()].every(({ facts }) => facts.status === 'joining');
    if (areAllEmpty && mayFound && peers.every((peer) => self < peer)) return undefined;
    const reasons = [...refusals]
      .map(([peer, { message }]) => `${peer}: ${message.slice(0, reasonMax)}`)
      .join('; ');
    const hint = areAllEmpty && !mayFound ? '. No node has data left; start afresh: kvc up --fresh' : '';
    progress(`asks to be admitted, and nobody does: ${reasons}${hint}`);
    await time.pause(pauseMs);
  }
}

async function ask(options: JoiningOptions, peer: NodeName): Promise<KvcError | undefined> {
  const { transport, replica, address } = options;
  try {
    await transport.join(peer, { replica, address });
    return undefined;
  } catch (error) {
    const refusal = asKvcError(error);
    // A peer that leaves says so of itself.
    const isOwn = refusal.code === 'KVC_E_REMOVED' && refusal.facts.replica === replica;
    if (isOwn) throw refusal;
    return refusal;
  }
}
