import type { NodeName } from '../core/ids.js';
import { KvcError, messageOf } from '../errors.js';
import { encodeError, errorOfBody } from '../protocol/errorJson.js';
import { parseJson } from '../protocol/json.js';
import {
  parseReplicateAnswer,
  parseReplicateRequest,
  replicateAnswerText,
  replicateRequestText,
} from '../protocol/replicateJson.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import { closedError } from './closedError.js';
import { deferred, type Deferred } from './deferred.js';
import type { Transport } from './transport.js';

/** What a node does with a message: answers it, or throws a KvcError to refuse it. */
export type ReplicateHandler = (message: ReplicateMessage) => Promise<ReplicateAnswer>;

/**
 * A network within one process: sends to the handlers in a map that its nodes share and may change at any time. Messages
 * and answers pass through their encoded form, so that no object is shared. Delivery takes a microtask.
 */
export class MemoryTransport implements Transport {
  readonly #handlers: ReadonlyMap<NodeName, ReplicateHandler>;
  readonly #timeoutMs: number;
  readonly #underWay = new Set<Deferred<ReplicateAnswer>>();
  #closed = false;

  /** @param timeoutMs - how long to wait for an answer; default 10,000 */
  constructor(handlers: ReadonlyMap<NodeName, ReplicateHandler>, timeoutMs = 10_000) {
    this.#handlers = handlers;
    this.#timeoutMs = timeoutMs;
  }

  async send(peer: NodeName, message: ReplicateMessage): Promise<ReplicateAnswer> {
    if (this.#closed) throw closedError();
    const text = replicateRequestText(message);
    const answer = deferred<ReplicateAnswer>();
    this.#underWay.add(answer);
    const timer = setTimeout(() => {
      answer.reject(unreachable(peer, `did not answer within ${this.#timeoutMs / 1000} s`));
    }, this.#timeoutMs);
    this.#deliver(peer, text).then(answer.resolve, answer.reject);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(answer);
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const answer of this.#underWay) answer.reject(closedError());
    return Promise.resolve();
  }

  async #deliver(peer: NodeName, text: string): Promise<ReplicateAnswer> {
    await Promise.resolve();
    const handler = this.#handlers.get(peer);
    if (handler === undefined) throw unreachable(peer, 'is not there');
    try {
      const answer = await handler(parseReplicateRequest(parseJson(text)));
      return parseReplicateAnswer(parseJson(replicateAnswerText(answer), 'the answer'));
    } catch (error) {
      throw asSeenByTheSender(error);
    }
  }
}

function asSeenByTheSender(error: unknown): KvcError {
  const refusal =
    error instanceof KvcError
      ? error
      : new KvcError('KVC_E_INTERNAL', messageOf(error), {}, { cause: error });
  return errorOfBody(parseJson(JSON.stringify(encodeError(refusal))), refusal.kind.httpStatus);
}

function unreachable(peer: NodeName, problem: string): KvcError {
  return new KvcError('KVC_E_NODE_UNREACHABLE', `${peer} ${problem}`, { node: peer });
}
