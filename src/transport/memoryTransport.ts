import type { NodeName } from '../core/ids.js';
import { joinRequestText, parseJoinRequest, type JoinRequest } from '../protocol/joinJson.js';
import { parseJson } from '../protocol/json.js';
import {
  parseReplicateAnswer,
  parseReplicateRequest,
  replicateAnswerText,
  replicateRequestText,
} from '../protocol/replicateJson.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import { decodeSnapshotChunk, encodeSnapshotChunk, type SnapshotChunk } from '../protocol/snapshotChunk.js';
import {
  parseSnapshotPartRequest,
  snapshotPartRequestText,
  type SnapshotPartRequest,
} from '../protocol/snapshotPartRequest.js';
import { closedError } from './closedError.js';
import { deferred, type Deferred } from './deferred.js';
import { asSeenByTheSender, unreachable } from './peerFailure.js';
import type { PeerHandlers } from './peerHandlers.js';
import type { Transport } from './transport.js';

/**
 * A network within one process: sends to the handlers in a map that its nodes share and may change at any time. Messages
 * and answers pass through their encoded form, so that no object is shared. Delivery takes a microtask.
 */
export class MemoryTransport implements Transport {
  readonly #handlers: ReadonlyMap<NodeName, PeerHandlers>;
  readonly #timeoutMs: number;
  readonly #underWay = new Set<Pick<Deferred<unknown>, 'reject'>>();
  #closed = false;

  /** @param timeoutMs - how long to wait for an answer; default 10,000 */
  constructor(handlers: ReadonlyMap<NodeName, PeerHandlers>, timeoutMs = 10_000) {
    this.#handlers = handlers;
    this.#timeoutMs = timeoutMs;
  }

  send(peer: NodeName, message: ReplicateMessage): Promise<ReplicateAnswer> {
    const text = replicateRequestText(message);
    return this.#ask(peer, async (node) => {
      const answer = await node.replicate(parseReplicateRequest(parseJson(text)));
      return parseReplicateAnswer(parseJson(replicateAnswerText(answer), 'the answer'));
    });
  }

  fetchSnapshot(peer: NodeName, request: SnapshotPartRequest): Promise<SnapshotChunk> {
    const text = snapshotPartRequestText(request);
    return this.#ask(peer, async (node) => {
      const chunk = await node.snapshot(parseSnapshotPartRequest(parseJson(text)));
      return decodeSnapshotChunk(encodeSnapshotChunk(chunk));
    });
  }

  join(peer: NodeName, request: JoinRequest): Promise<void> {
    const text = joinRequestText(request);
    return this.#ask(peer, (node) => node.join(parseJoinRequest(parseJson(text))));
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const answer of this.#underWay) answer.reject(closedError());
    return Promise.resolve();
  }

  async #ask<T>(peer: NodeName, call: (handlers: PeerHandlers) => Promise<T>): Promise<T> {
    if (this.#closed) throw closedError();
    const answer = deferred<T>();
    this.#underWay.add(answer);
    const timer = setTimeout(() => {
      answer.reject(unreachable(peer, `did not answer within ${this.#timeoutMs / 1000} s`));
    }, this.#timeoutMs);
    this.#deliver(peer, call).then(answer.resolve, answer.reject);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(answer);
    }
  }

  async #deliver<T>(peer: NodeName, call: (handlers: PeerHandlers) => Promise<T>): Promise<T> {
    await Promise.resolve();
    const handlers = this.#handlers.get(peer);
    if (handlers === undefined) throw unreachable(peer, 'is not there');
    try {
      return await call(handlers);
    } catch (error) {
      throw asSeenByTheSender(error);
    }
  }
}
