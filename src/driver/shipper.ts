import { nodeOf, type NodeName, type ReplicaId } from '../core/ids.js';
import { endOfMessage } from '../core/refusals.js';
import type { Replica } from '../core/replica.js';
import type { Effect, Input } from '../core/step.js';
import type { Update } from '../core/update.js';
import { hasCode, messageOf, type KvcError } from '../errors.js';
import type { ReplicateAnswer } from '../protocol/replicateMessage.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Transport } from '../transport/transport.js';
import type { Log } from './log.js';

type Ship = Extract<Effect, { kind: 'ship' }>;

/** From so many failures in a row a peer is reported: one or two are usual while a cluster starts. */
const failuresReported = 3;

/** Encoded updates of one message, unless a single update is larger. */
const messageBytesMax = 1024 * 1024;

export interface ShipperParts {
  readonly self: ReplicaId;
  readonly replica: Replica;
  readonly log: UpdateLog;
  readonly transport: Transport;
  readonly report: Log;
  /** How each shipment ended. */
  readonly onEnd: (input: Input) => void;
  /** The log cannot be read. */
  readonly onDamage: (error: KvcError) => void;
}

/** Carries out shipments: reads the updates from the log and sends them, in as many messages as their bytes need. */
export class Shipper {
  readonly #parts: ShipperParts;
  /** Failures in a row. */
  readonly #failures = new Map<NodeName, { readonly count: number; readonly message: string }>();

  constructor(parts: ShipperParts) {
    this.#parts = parts;
  }

  /** Why the last shipment to a peer failed; undefined when it did not. */
  errorOf(peer: NodeName): string | undefined {
    return this.#failures.get(peer)?.message;
  }

  ship(ship: Ship): void {
    this.#send(ship).then(
      (answer) => this.#succeeded(ship.peer, answer),
      (error: unknown) => this.#failed(ship.peer, error),
    );
  }

  async #send({ peer, origin, first, last, offersSnapshot }: Ship): Promise<ReplicateAnswer> {
    let next = first;
    for (;;) {
      const updates = next > last ? [] : await this.#read(origin, next, last);
      const { self: from, replica, transport } = this.#parts;
      const { unreached, shownDurable: clock } = replica;
      const answer = await transport.send(nodeOf(peer), { from, clock, unreached, offersSnapshot, updates });
      next += updates.length;
      if (next > last || answer.refused > 0) return answer;
    }
  }

  /** Damage is told apart here: an error with the same code may also be the answer of a peer that stops for its own. */
  async #read(origin: ReplicaId, first: number, last: number): Promise<Update[]> {
    try {
      return await this.#parts.log.read(origin, first, last, messageBytesMax);
    } catch (error) {
      if (hasCode(error, 'KVC_E_LOG_CORRUPT')) this.#parts.onDamage(error);
      throw error;
    }
  }

  #succeeded(peer: ReplicaId, answer: ReplicateAnswer): void {
    const node = nodeOf(peer);
    const { count } = this.#failures.get(node) ?? { count: 0 };
    this.#failures.delete(node);
    if (count >= failuresReported) this.#parts.report('info', `${node} takes updates again`);
    this.#parts.onEnd({ kind: 'answered', peer, answer });
  }

  #failed(peer: ReplicaId, error: unknown): void {
    const kind = endOfMessage(error, this.#parts.self, peer);
    if (kind === 'fenced') return this.#parts.onEnd({ kind, peer });
    const node = nodeOf(peer);
    const message = messageOf(error);
    const count = (this.#failures.get(node)?.count ?? 0) + 1;
    this.#failures.set(node, { count, message });
    if (count === failuresReported)
      this.#parts.report('warn', `cannot replicate to ${node}`, { error: message });
    this.#parts.onEnd({ kind, peer });
  }
}
