import type { NodeName } from '../../core/ids.js';
import type { JoinRequest } from '../../protocol/joinJson.js';
import type { ReplicateAnswer, ReplicateMessage } from '../../protocol/replicateMessage.js';
import type { SnapshotChunk } from '../../protocol/snapshotChunk.js';
import type { SnapshotPartRequest } from '../../protocol/snapshotPartRequest.js';
import type { Transport } from '../../transport/transport.js';
import type { Gate } from './gate.js';

/** A transport that sends nothing, and tells of no answer, while the gate is shut. */
export class GatedTransport implements Transport {
  readonly #inner: Transport;
  readonly #gate: Gate;

  constructor(inner: Transport, gate: Gate) {
    this.#inner = inner;
    this.#gate = gate;
  }

  send(peer: NodeName, message: ReplicateMessage): Promise<ReplicateAnswer> {
    return this.#through(() => this.#inner.send(peer, message));
  }

  fetchSnapshot(peer: NodeName, request: SnapshotPartRequest): Promise<SnapshotChunk> {
    return this.#through(() => this.#inner.fetchSnapshot(peer, request));
  }

  join(peer: NodeName, request: JoinRequest): Promise<void> {
    return this.#through(() => this.#inner.join(peer, request));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** In the order of the calls. */
  async #through<T>(ask: () => Promise<T>): Promise<T> {
    const asked = await new Promise<{ readonly answer: Promise<T> }>((resolve) =>
      this.#gate.pass(() => resolve({ answer: ask() })),
    );
    try {
      return await asked.answer;
    } finally {
      await this.#gate.passed();
    }
  }
}
