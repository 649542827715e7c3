import type { NodeName, ReplicaId } from '../core/ids.js';
import type { Replica } from '../core/replica.js';
import type { Effect, Input } from '../core/step.js';
import { messageOf } from '../errors.js';
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
      (error: unknown) => this.#failed(ship.peer, messageOf(error)),
    );
  }

  async #send({ peer, origin, first, last }: Ship): Promise<ReplicateAnswer> {
    const { log } = this.#parts;
    let next = first;
    for (;;) {
      const updates = next > last ? [] : await log.read(origin, next, last, messageBytesMax);
      const { self: from, replica, transport } = this.#parts;
      const answer = await transport.send(peer, { from, clock: new Map(replica.durable), updates });
      next += updates.length;
      if (next > last || answer.refused > 0) return answer;
    }
  }

  #succeeded(peer: NodeName, answer: ReplicateAnswer): void {
    const { count } = this.#failures.get(peer) ?? { count: 0 };
    this.#failures.delete(peer);
    if (count >= failuresReported) this.#parts.report('info', `${peer} takes updates again`);
    this.#parts.onEnd({ kind: 'answered', peer, answer });
  }

  #failed(peer: NodeName, message: string): void {
    const count = (this.#failures.get(peer)?.count ?? 0) + 1;
    this.#failures.set(peer, { count, message });
    if (count === failuresReported)
      this.#parts.report('warn', `cannot replicate to ${peer}`, { error: message });
    this.#parts.onEnd({ kind: 'unanswered', peer });
  }
}
