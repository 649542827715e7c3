import type { Dot } from '../core/clock/dot.js';
import { covers, type VersionVector } from '../core/clock/versionVector.js';
import type { NodeName } from '../core/ids.js';
import type { Replica } from '../core/replica.js';
import type { Effect, Input } from '../core/step.js';
import type { Operation } from '../core/update.js';
import { KvcError, messageOf } from '../errors.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Transport } from '../transport/transport.js';
import { Checkpointer } from './checkpointer.js';
import { Deferrals } from './deferrals.js';
import type { Wait } from './exchange.js';
import type { Log } from './log.js';
import { Shipper } from './shipper.js';
import { SteadyClock } from './steadyClock.js';

export interface DriverParts {
  readonly replica: Replica;
  readonly log: UpdateLog;
  readonly keys: KeyStore;
  readonly transport: Transport;
  readonly report: Log;
  /** Called once, when the node must not go on; nothing is promised to anyone afterwards. */
  readonly onHalt: (error: KvcError) => void;
}

/**
 * Drives one replica with real time, disk and network: gives it what happens, and does what it answers. Between a step
 * and its effects there is no suspension, so no two steps ever overlap.
 */
export class ReplicaDriver {
  readonly #parts: DriverParts;
  readonly #writes = new Deferrals<Dot>();
  readonly #waits = new Deferrals<undefined>();
  readonly #messages = new Deferrals<ReplicateAnswer>();
  /** Numbers requests and messages. */
  #lastNumber = 0;
  readonly #shipper: Shipper;
  readonly #checkpointer: Checkpointer;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Infinity;
  #stopped = false;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    const self = parts.replica.self;
    this.#shipper = new Shipper({ ...parts, self, onEnd: (input) => this.#step(input) });
    this.#checkpointer = new Checkpointer(parts, (error) => this.#halt(error));
  }

  /** Begins to talk to the peers: soon, for nodes that start together are deaf at first, or with the first write. */
  start(): void {
    this.#timerDueMs = this.nowMs() + firstContactMs;
    this.#timer = setTimeout(() => this.#tick(), firstContactMs);
  }

  /** The delivered vector, live. */
  get clock(): VersionVector {
    return this.#parts.replica.clock;
  }

  /** The replica's time: ms since 1970 by a clock that never goes back. */
  readonly nowMs = new SteadyClock().now;

  /** Why the last message to a peer failed; undefined when it did not. */
  shippingError(peer: NodeName): string | undefined {
    return this.#shipper.errorOf(peer);
  }

  /**
   * Accepts a write or atomic batch and resolves when it is durable and visible here.
   * @param context - what the client's session has observed; undefined without a session
   * @param wait - how long it may wait for that context; a write whose client goes away before is not done
   * @throws KVC_E_DEPS_TIMEOUT, KVC_E_OVERLOADED, KVC_E_DATA_LOST: it did not happen. KVC_E_LOG_FAILED: it may have.
   */
  write(operations: readonly Operation[], context: VersionVector | undefined, wait: Wait): Promise<Dot> {
    if (this.#stopped) return Promise.reject(notReady());
    const request = (this.#lastNumber += 1);
    const dot = this.#writes.open(request);
    if (context !== undefined && !covers(this.clock, context)) this.#cancelWhenGone(request, wait);
    this.#step({ kind: 'write', request, operations, context, deadlineMs: this.nowMs() + wait.timeoutMs });
    return dot;
  }

  /** Resolves once `context` is delivered here; it then stays so. Returns undefined where it already is. */
  whenDelivered(context: VersionVector, wait: Wait): Promise<unknown> | undefined {
    if (this.#stopped) return Promise.reject(notReady());
    if (covers(this.clock, context)) return undefined;
    const request = (this.#lastNumber += 1);
    const delivered = this.#waits.open(request);
    this.#cancelWhenGone(request, wait);
    this.#step({ kind: 'await', request, context, deadlineMs: this.nowMs() + wait.timeoutMs });
    return delivered;
  }

  /** Takes a peer's message; the answer comes when what it says is durable. */
  receive(message: ReplicateMessage): Promise<ReplicateAnswer> {
    if (this.#stopped) return Promise.reject(notReady());
    const number = (this.#lastNumber += 1);
    const answer = this.#messages.open(number);
    this.#step({ kind: 'receive', message: number, ...message });
    return answer;
  }

  /** Takes no further work, finishes what was accepted, writes a last checkpoint, and closes log and store. */
  async close(): Promise<void> {
    const { log, keys, transport } = this.#parts;
    const sequence = await log.flush();
    this.#step({ kind: 'persisted', sequence });
    this.#stop(notReady());
    await transport.close();
    await this.#checkpointer.close();
    await log.close();
    await keys.close();
  }

  #cancelWhenGone(request: number, wait: Wait): void {
    wait.onGone(() => {
      this.#step({ kind: 'cancel', request });
      const gone = new KvcError('KVC_E_CLOSED', 'the client closed the connection');
      this.#writes.reject(request, gone);
      this.#waits.reject(request, gone);
    });
  }

  #step(input: Input): void {
    if (this.#stopped) return;
    for (const effect of this.#parts.replica.step(input, this.nowMs())) this.#perform(effect);
    this.#checkpointer.notice();
    this.#schedule();
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        return this.#persist();
      case 'written':
        return this.#writes.resolve(effect.request, effect.dot);
      case 'ready':
        return this.#waits.resolve(effect.request, undefined);
      case 'failed':
        this.#writes.reject(effect.request, effect.error);
        return this.#waits.reject(effect.request, effect.error);
      case 'answer':
        return this.#messages.resolve(effect.message, effect.answer);
      case 'refuse':
        return this.#messages.reject(effect.message, effect.error);
      case 'ship':
        return this.#shipper.ship(effect);
    }
  }

  #persist(): void {
    this.#parts.log.flush().then(
      (sequence) => this.#step({ kind: 'persisted', sequence }),
      (error: unknown) => this.#halt(asKvcError(error)),
    );
  }

  /** One timer, moved only when it must ring earlier: most steps leave it alone. */
  #schedule(): void {
    const wakeAtMs = this.#parts.replica.wakeAtMs();
    if (wakeAtMs >= this.#timerDueMs || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = wakeAtMs;
    const delayMs = Math.min(Math.max(1, Math.ceil(wakeAtMs - this.nowMs())), longestTimerMs);
    this.#timer = setTimeout(() => this.#tick(), delayMs);
  }

  #tick(): void {
    this.#timerDueMs = Infinity;
    this.#step({ kind: 'tick' });
  }

  #halt(error: KvcError): void {
    if (this.#stopped) return;
    this.#stop(error);
    this.#parts.onHalt(error);
  }

  #stop(error: KvcError): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#writes.rejectAll(error);
    this.#waits.rejectAll(error);
    this.#messages.rejectAll(error);
  }
}

const longestTimerMs = 60_000;
const firstContactMs = 100;

function notReady(): KvcError {
  return new KvcError('KVC_E_NOT_READY', 'the node is stopping; use another node');
}

function asKvcError(error: unknown): KvcError {
  if (error instanceof KvcError) return error;
  return new KvcError('KVC_E_INTERNAL', messageOf(error), {}, { cause: error });
}
