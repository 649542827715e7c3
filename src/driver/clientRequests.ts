import type { Dot } from '../core/clock/dot.js';
import { covers, type VersionVector } from '../core/clock/versionVector.js';
import type { NodeName, ReplicaId } from '../core/ids.js';
import type { Condition } from '../core/condition.js';
import type { Effect, Input, RequestName } from '../core/step.js';
import type { Operation, RequestId } from '../core/update.js';
import { KvcError } from '../errors.js';
import { Deferrals } from './deferrals.js';
import { OpenAnswer, OpenAnswers, type WriteAnswer } from './openAnswers.js';
import type { Wait } from './wait.js';

/** How one write is to be done. */
export interface WriteOptions {
  /** What the client's session has observed; undefined without a session. */
  readonly context: VersionVector | undefined;
  /** How long it may wait for that context, and for becoming durable; if its client goes away while it waits, it is not done. */
  readonly wait: Wait;
  readonly requestId?: RequestId | undefined;
  /** At how many nodes it is to be durable. Default 1, this one. */
  readonly replicas?: number | undefined;
  /** See `Input`. */
  readonly condition?: Condition | undefined;
}

export interface SubmitOptions extends Pick<WriteOptions, 'context' | 'wait' | 'condition'> {
  /** Whether the answer is to tell what the write changed here. */
  readonly tellsChanges: boolean;
}

/** A change of who belongs to the cluster, for this replica to make. */
export type MemberChangeRequest =
  | { readonly kind: 'admit'; readonly replica: ReplicaId; readonly address: string }
  | { readonly kind: 'leave' }
  | { readonly kind: 'remove'; readonly node: NodeName };

export interface ClientRequestsParts {
  /** The delivered vector, live. */
  readonly clock: () => VersionVector;
  readonly nowMs: () => number;
  readonly step: (input: Input) => void;
  /** With others, before anything else is stepped. */
  readonly stepSoon: (input: Input) => void;
}

/** The requests that the replica has not answered yet: each is a promise that its effect settles. */
export class ClientRequests {
  readonly #parts: ClientRequestsParts;
  readonly #writes = new Deferrals<Dot>();
  readonly #answers = new OpenAnswers();
  readonly #waits = new Deferrals<undefined>();
  #last = 0;

  constructor(parts: ClientRequestsParts) {
    this.#parts = parts;
  }

  write(operations: readonly Operation[], options: WriteOptions): Promise<Dot> {
    const request = this.#next();
    const dot = this.#writes.open(request);
    this.#write(request, operations, options, false);
    return dot;
  }

  submit(operations: readonly Operation[], options: SubmitOptions, answer: WriteAnswer): void {
    const request = this.#answers.add(answer);
    this.#write(request, operations, options, options.tellsChanges);
  }

  confirm(dot: Dot, replicas: number, wait: Wait): Promise<Dot> {
    const request = this.#next();
    const confirmed = this.#writes.open(request);
    const deadlineMs = this.#deadlineMs(wait.timeoutMs);
    this.#parts.step({ kind: 'confirm', request, dot, replicas, deadlineMs });
    this.#cancelWhenGone(request, wait);
    return confirmed;
  }

  changeMembers(change: MemberChangeRequest, timeoutMs: number): Promise<Dot> {
    const request = this.#next();
    const dot = this.#writes.open(request);
    this.#parts.step({ ...change, request, deadlineMs: this.#deadlineMs(timeoutMs) });
    return dot;
  }

  whenDelivered(context: VersionVector, wait: Wait): Promise<unknown> {
    const request = this.#next();
    const delivered = this.#waits.open(request);
    this.#parts.step({ kind: 'await', request, context, deadlineMs: this.#deadlineMs(wait.timeoutMs) });
    this.#cancelWhenGone(request, wait);
    return delivered;
  }

  written({ request, dot, applied }: Extract<Effect, { kind: 'written' }>): void {
    if (request instanceof OpenAnswer) this.#answers.take(request)?.written(dot, applied);
    else this.#writes.resolve(request, dot);
  }

  ready(request: RequestName): void {
    this.#waits.resolve(request, undefined);
  }

  failed(request: RequestName, error: KvcError): void {
    if (request instanceof OpenAnswer) return this.#answers.take(request)?.failed(error);
    this.#writes.reject(request, error);
    this.#waits.reject(request, error);
  }

  /** @param writes - what is told of writes: what was accepted may be in the log, or with a peer */
  rejectAll(error: KvcError, writes: KvcError): void {
    this.#writes.rejectAll(writes);
    for (const answer of this.#answers.takeAll()) answer.failed(writes);
    this.#waits.rejectAll(error);
  }

  #write(
    request: RequestName,
    operations: readonly Operation[],
    { context, wait, requestId, replicas, condition }: WriteOptions,
    tellsChanges: boolean,
  ): void {
    const mayWait = context !== undefined && !covers(this.#parts.clock(), context);
    this.#parts.stepSoon({
      kind: 'write',
      request,
      operations,
      context,
      deadlineMs: this.#deadlineMs(wait.timeoutMs),
      requestId,
      replicas,
      condition,
      tellsChanges,
    });
    if (mayWait) this.#cancelWhenGone(request, wait);
  }

  /** Behind the request, for the client may be gone already. */
  #cancelWhenGone(request: RequestName, wait: Wait): void {
    wait.onGone(() => {
      this.#parts.step({ kind: 'cancel', request });
      this.failed(request, new KvcError('KVC_E_CLOSED', 'the client closed the connection'));
    });
  }

  #next(): number {
    return (this.#last += 1);
  }

  #deadlineMs(timeoutMs: number): number {
    return this.#parts.nowMs() + timeoutMs;
  }
}
