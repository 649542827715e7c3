import type { NodeName } from '../../core/ids.js';
import { asKvcError, type KvcError } from '../../errors.js';
import { joinRequestText, parseJoinRequest, type JoinRequest } from '../../protocol/joinJson.js';
import { parseJson } from '../../protocol/json.js';
import {
  parseReplicateAnswer,
  parseReplicateRequest,
  replicateAnswerText,
  replicateRequestText,
} from '../../protocol/replicateJson.js';
import type { ReplicateAnswer, ReplicateMessage } from '../../protocol/replicateMessage.js';
import {
  decodeSnapshotChunk,
  encodeSnapshotChunk,
  type SnapshotChunk,
} from '../../protocol/snapshotChunk.js';
import {
  parseSnapshotPartRequest,
  snapshotPartRequestText,
  type SnapshotPartRequest,
} from '../../protocol/snapshotPartRequest.js';
import { closedError } from '../../transport/closedError.js';
import { deferred, type Deferred } from '../../transport/deferred.js';
import type { PeerHandlers } from '../../transport/peerHandlers.js';
import { asSeenByTheSender, unreachable } from '../../transport/peerFailure.js';
import type { Transport } from '../../transport/transport.js';
import { never, type Lifeline } from './lifeline.js';
import type { Listener, VirtualNetwork } from './virtualNetwork.js';

const timeoutMsDefault = 300;

/** What comes back: it is decoded by who asked. */
type Answer<Result> = () => Result;

/** What a peer does to answer, and how its answer is brought back. */
type Ask<Result> = (handlers: PeerHandlers) => Promise<Answer<Result>>;

/**
 * How one life reaches its peers over a virtual network. Messages and answers pass through their encoded form, so that no
 * object is shared, and what the codecs would change is changed.
 */
export class VirtualTransport implements Transport {
  readonly #network: VirtualNetwork;
  readonly #line: Lifeline;
  readonly #timeoutMs: number;
  readonly #underWay = new Set<Pick<Deferred<unknown>, 'reject'>>();
  #isClosed = false;

  constructor(network: VirtualNetwork, line: Lifeline, timeoutMs = timeoutMsDefault) {
    this.#network = network;
    this.#line = line;
    this.#timeoutMs = timeoutMs;
  }

  send(peer: NodeName, message: ReplicateMessage): Promise<ReplicateAnswer> {
    const text = replicateRequestText(message);
    return this.#ask('replicate', peer, async (handlers) => {
      const answer = replicateAnswerText(await handlers.replicate(parseReplicateRequest(parseJson(text))));
      return () => parseReplicateAnswer(parseJson(answer, 'the answer'));
    });
  }

  fetchSnapshot(peer: NodeName, request: SnapshotPartRequest): Promise<SnapshotChunk> {
    const text = snapshotPartRequestText(request);
    return this.#ask('snapshot', peer, async (handlers) => {
      const chunk = encodeSnapshotChunk(await handlers.snapshot(parseSnapshotPartRequest(parseJson(text))));
      return () => decodeSnapshotChunk(chunk);
    });
  }

  join(peer: NodeName, request: JoinRequest): Promise<void> {
    const text = joinRequestText(request);
    return this.#ask('join', peer, async (handlers) => {
      await handlers.join(parseJoinRequest(parseJson(text)));
      return () => undefined;
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const answer of this.#underWay) answer.reject(closedError());
    return Promise.resolve();
  }

  async #ask<Result>(what: string, peer: NodeName, ask: Ask<Result>): Promise<Result> {
    if (this.#isClosed) throw closedError();
    const line = this.#line;
    if (!line.touch(what, peer)) return never();
    const answer = deferred<Result>();
    this.#underWay.add(answer);
    const timer = line.arrive(this.#timeoutMs, () => {
      this.#network.universe.counts.timeouts += 1;
      answer.reject(unreachable(peer, `did not answer within ${this.#timeoutMs / 1000} s`));
    });
    const isAwaited = (): boolean => this.#underWay.has(answer);
    this.#deliver(peer, ask, isAwaited, (outcome) => line.deliver(() => settle(answer, outcome)));
    try {
      return await answer.promise;
    } finally {
      timer.cancel();
      this.#underWay.delete(answer);
    }
  }

  /** @param tell - called with the outcome of each time that the message arrives and an answer comes back */
  #deliver<Result>(
    peer: NodeName,
    ask: Ask<Result>,
    isAwaited: () => boolean,
    tell: (outcome: Answer<Result>) => void,
  ): void {
    const network = this.#network;
    const own = this.#line.machine;
    const note = (): void => {
      if (!isAwaited()) network.universe.counts.late += 1;
    };
    const answerWith = (outcome: Answer<Result>): void => {
      network.send(peer, own, 'answer', () => {
        note();
        tell(outcome);
      });
    };
    network.send(own, peer, 'request', () => {
      note();
      const there = network.listener(peer);
      if (there === undefined) answerWith(refusal(unreachable(peer, 'is not there')));
      else there.line.deliver(() => void serve(there, ask, own).then(answerWith));
    });
  }
}

/** The peer's answer, or its refusal. Never, if its life ends before it answers. */
async function serve<Result>(
  { line, handlers }: Listener,
  ask: Ask<Result>,
  asker: NodeName,
): Promise<Answer<Result>> {
  const outcome = await ask(handlers).catch((error: unknown) => refusal(asSeenByTheSender(error)));
  return line.touch('answer', asker) ? outcome : never();
}

function settle<Result>(answer: Deferred<Result>, outcome: Answer<Result>): void {
  try {
    answer.resolve(outcome());
  } catch (error) {
    answer.reject(asKvcError(error));
  }
}

function refusal(error: KvcError): () => never {
  return () => {
    throw error;
  };
}
