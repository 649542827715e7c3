import type { Dot } from '../core/clock/dot.js';
import { covers, type VersionVector } from '../core/clock/versionVector.js';
import { nodeOf, type NodeName } from '../core/ids.js';
import type { Replica } from '../core/replica.js';
import type { Effect, Input } from '../core/step.js';
import type { Operation } from '../core/update.js';
import { asKvcError, KvcError } from '../errors.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { StoreCut } from '../storage/storeSnapshot.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Transport } from '../transport/transport.js';
import { Checkpointer } from './checkpointer.js';
import {
  ClientRequests,
  type MemberChangeRequest,
  type SubmitOptions,
  type WriteOptions,
} from './clientRequests.js';
import { Deferrals } from './deferrals.js';
import { Flusher } from './flusher.js';
import type { Log } from './log.js';
import { LogKeeper } from './logKeeper.js';
import type { WriteAnswer } from './openAnswers.js';
import { Overload } from './overload.js';
import { Shipper } from './shipper.js';
import type { Time, Timer } from './time.js';
import { UpkeepSearch } from './upkeepSearch.js';
import type { Wait } from './wait.js';

export interface DriverParts {
  readonly time: Time;
  readonly replica: Replica;
  readonly log: UpdateLog;
  readonly keys: KeyStore;
  readonly transport: Transport;
  readonly report: Log;
  /** Called once, when the node must not go on; nothing is promised to anyone afterwards. */
  readonly onHalt: (error: KvcError) => void;
  /** This node lacks what the peer's log no longer holds, and is to take a snapshot of it. Called again and again. */
  readonly onBehind: (peer: NodeName) => void;
  readonly limits: NodeLimits;
  /** Called after every step. */
  readonly onStep: () => void;
  /** Nothing is kept on a disk. */
  readonly ephemeral: boolean;
}

/**
 * Drives one replica with the time, disk and network that it is given: tells it what happens, and does what it answers. Between a step
 * and its effects there is no suspension, so no two steps ever overlap.
 */
export class ReplicaDriver {
  readonly #parts: DriverParts;
  readonly #requests: ClientRequests;
  readonly #messages = new Deferrals<ReplicateAnswer>();
  #lastMessage = 0;
  /** What the next step is to begin with. */
  #queue: Input[] = [];
  readonly #shipper: Shipper;
  readonly #flusher: Flusher;
  readonly #checkpointer: Checkpointer;
  readonly #logKeeper: LogKeeper;
  readonly #upkeepSearch: UpkeepSearch;
  readonly #overload: Overload;
  #timer: Timer | undefined;
  #timerDueMs = Infinity;
  #stopped = false;
  #halted: KvcError | undefined;
  #closing: Promise<KvcError | undefined> | undefined;
  /** Part of the log could not be read, and was let go. */
  #hasForgotten = false;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    const self = parts.replica.self;
    this.#requests = new ClientRequests({
      clock: () => parts.replica.clock,
      nowMs: () => this.nowMs(),
      step: (input) => this.#step(input),
      stepSoon: (input) => this.#stepSoon(input),
    });
    this.#shipper = new Shipper({
      ...parts,
      self,
      onEnd: (input) => this.#step(input),
      onDamage: (error) => this.forgetDamaged(error),
    });
    this.#flusher = new Flusher({
      ...parts,
      onFlushed: (sequence) => this.#step({ kind: 'persisted', sequence }),
      onFailure: (error) => this.#halt(error),
    });
    this.#checkpointer = new Checkpointer(parts, (error) => this.#halt(error));
    this.#logKeeper = new LogKeeper({
      ...parts,
      checkpointed: () => this.#checkpointer.checkpointed,
      onFailure: (error) => this.#halt(error),
    });
    this.#upkeepSearch = new UpkeepSearch({
      ...parts,
      onFound: (keys) => this.#step({ kind: 'found', keys }),
      onFailure: (error) => this.#halt(error),
    });
    this.#overload = new Overload(parts);
  }

  /** Begins to talk to the peers: soon, for nodes that start together are deaf at first, or with the first write. */
  start(): void {
    this.#logKeeper.start();
    this.#upkeepSearch.start();
    this.#overload.start();
    this.#timerDueMs = this.nowMs() + firstContactMs;
    this.#timer = this.#parts.time.after(firstContactMs, () => this.#tick());
  }

  /** The delivered vector, as clients are told. */
  get clock(): VersionVector {
    return this.#parts.replica.shownClock;
  }

  /** Counts and judges the requests that are being served. */
  get overload(): Overload {
    return this.#overload;
  }

  /** True while the disk has no room, for the log or for the store. */
  get isDiskFull(): boolean {
    return this.#flusher.diskFull !== undefined || this.#checkpointer.isDiskFull;
  }

  /** The replica's time: ms since 1970 by a clock that never goes back. */
  nowMs(): number {
    return this.#parts.time.now();
  }

  /** Why the last message to a peer failed; undefined when it did not. */
  shippingError(peer: NodeName): string | undefined {
    return this.#shipper.errorOf(peer);
  }

  /**
   * Accepts a write or atomic batch and resolves when it is visible here, and durable here and where else it was asked for.
   * @throws KVC_E_DEPS_TIMEOUT, KVC_E_DEPS_LOST, KVC_E_OVERLOADED, KVC_E_DISK_FULL, KVC_E_REQUEST_EXPIRED, KVC_E_REMOVED,
   * KVC_E_DATA_LOST, KVC_E_NOT_READY, KVC_E_CONDITION_FAILED, KVC_E_TYPE_MISMATCH, KVC_E_COUNTER_RANGE,
   * KVC_E_VALUE_TOO_LARGE: it did not happen. KVC_E_NOT_DURABLE, KVC_E_LOG_FAILED: it may have, or may still.
   */
  write(operations: readonly Operation[], options: WriteOptions): Promise<Dot> {
    const refusal = this.#stopped ? notReady() : this.#refusalOfWrite();
    return refusal === undefined ? this.#requests.write(operations, options) : Promise.reject(refusal);
  }

  /**
   * The same for who needs no promise, one of which costs as much as the rest of a write. It can be asked neither to be durable
   * elsewhere nor to be known by a request id.
   */
  submit(operations: readonly Operation[], options: SubmitOptions, answer: WriteAnswer): void {
    const refusal = this.#stopped ? notReady() : this.#refusalOfWrite();
    if (refusal === undefined) this.#requests.submit(operations, options, answer);
    else answer.failed(refusal);
  }

  /**
   * Resolves when a write that was done is durable at so many nodes, this one included.
   * @throws KvcError KVC_E_NOT_DURABLE; KVC_E_CLOSED when the client is gone
   */
  confirm(dot: Dot, replicas: number, wait: Wait): Promise<Dot> {
    if (this.#stopped) return Promise.reject(notReady());
    return this.#requests.confirm(dot, replicas, wait);
  }

  /** Changes who belongs to the cluster; resolves with the update that does, when it is durable where it must be. */
  changeMembers(change: MemberChangeRequest, timeoutMs: number): Promise<Dot> {
    if (this.#stopped) return Promise.reject(notReady());
    return this.#requests.changeMembers(change, timeoutMs);
  }

  /** Begins a consistent cut of all that is delivered here. */
  cut(): Promise<StoreCut> {
    if (this.#stopped) return Promise.reject(notReady());
    return this.#checkpointer.cut();
  }

  /** Resolves once `context` is delivered here; it then stays so. Returns undefined where it already is. */
  whenDelivered(context: VersionVector, wait: Wait): Promise<unknown> | undefined {
    if (this.#stopped) return Promise.reject(notReady());
    if (covers(this.#parts.replica.clock, context)) return undefined;
    return this.#requests.whenDelivered(context, wait);
  }

  /** Takes a peer's message; the answer comes when what it says is durable. */
  receive(message: ReplicateMessage): Promise<ReplicateAnswer> {
    // What is received is visible at once and cannot be taken back; without a disk to keep it, its sender has to.
    const isKept = message.updates.length > 0;
    const refusal = this.#stopped ? notReady() : isKept ? this.#refusalOfUpdates() : undefined;
    if (refusal !== undefined) return Promise.reject(refusal);
    const number = (this.#lastMessage += 1);
    const answer = this.#messages.open(number);
    this.#step({ kind: 'receive', message: number, ...message });
    return answer;
  }

  /**
   * Takes no further work, finishes what was accepted, and writes a last checkpoint. Log and store stay open. A disk without
   * room is not waited for: what it does not take was not acknowledged, or is in the log. May be called again.
   * @returns why not all is written: then neither log nor store may be used for anything but another start
   */
  close(): Promise<KvcError | undefined> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<KvcError | undefined> {
    let unflushed: KvcError | undefined;
    try {
      this.#step({ kind: 'tick' });
      if (!this.#stopped) unflushed = await this.#flusher.finish();
    } catch (error) {
      this.#stop(notReady());
      this.#checkpointer.abandon();
      throw error;
    }
    this.#stop(notReady());
    await this.#logKeeper.close();
    await this.#upkeepSearch.close();
    const unstored = await this.#checkpointer.close();
    // It may have halted meanwhile, and what it held in memory then goes nowhere.
    return this.#halted ?? unflushed ?? unstored;
  }

  #refusalOfWrite(): KvcError | undefined {
    // Ahead of the lag: a disk without room does not finish its flush either, and it is more to know why.
    return this.#refusalOfUpdates() ?? this.#overload.refusalOfWrite(this.#flusher.waitedMs);
  }

  /** Why nothing is taken that the disk has to keep. */
  #refusalOfUpdates(): KvcError | undefined {
    const { dirtyKeys, dirtyBytes } = this.#parts.keys;
    const hasRoom = dirtyKeys < unstoredKeysMax && dirtyBytes < unstoredBytesMax;
    if (!this.#checkpointer.isDiskFull || hasRoom) return this.#flusher.diskFull;
    return new KvcError(
      'KVC_E_DISK_FULL',
      `the disk has no room for the key store; ${dirtyKeys} keys wait for it`,
    );
  }

  /** A step with what else comes in until then, so that one flush of the disk, and one message to each peer, is for all of it. */
  #stepSoon(input: Input): void {
    if (this.#queue.push(input) > 1) return;
    this.#parts.time.soon(() => {
      if (this.#queue.length > 0) this.#step({ kind: 'tick' });
    });
  }

  #step(input: Input): void {
    if (this.#stopped) return;
    const effects = this.#effectsOf(this.#withQueued(input));
    if (this.#isStopped()) return;
    this.#parts.onStep();
    for (const effect of effects) this.#perform(effect);
    if (this.#isStopped()) return;
    this.#checkpointer.notice();
    this.#schedule();
  }

  /** What came in before it. */
  #withQueued(input: Input): Input {
    if (this.#queue.length === 0) return input;
    const inputs = this.#queue;
    this.#queue = [];
    inputs.push(input);
    return { kind: 'several', inputs };
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  /**
   * A part of the log cannot be read. The store has what it said, so the log lets go of all that is sealed: peers that lack
   * it get a snapshot. If that does not help, the damage is in what the store may not have.
   */
  forgetDamaged(error: KvcError): void {
    // A shipment may outlive the driver, whose replica the store may not be that of any more.
    if (this.#stopped) return;
    if (this.#hasForgotten) return this.#halt(error);
    this.#hasForgotten = true;
    this.#parts.report('error', `${error.message} Peers that lack updates from there get a snapshot`, {
      code: error.code,
    });
    this.#forgetStored().catch((failure: unknown) => this.#halt(asKvcError(failure)));
  }

  async #forgetStored(): Promise<void> {
    (await this.#checkpointer.cut()).close();
    await this.#parts.log.truncate(this.#checkpointer.checkpointed);
  }

  /** The node must not go on: what it keeps has turned out to be damaged. */
  fail(error: KvcError): void {
    this.#halt(error);
  }

  /** A replica that fails in the middle of a step, as where its log or store cannot be read, is in no state to go on. */
  #effectsOf(input: Input): readonly Effect[] {
    try {
      return this.#parts.replica.step(input, this.nowMs());
    } catch (error) {
      this.#halt(asKvcError(error));
      return [];
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        return this.#flusher.flush(effect.own);
      case 'written':
        return this.#requests.written(effect);
      case 'ready':
        return this.#requests.ready(effect.request);
      case 'failed':
        return this.#requests.failed(effect.request, effect.error);
      case 'answer':
        return this.#messages.resolve(effect.message, effect.answer);
      case 'refuse':
        return this.#messages.reject(effect.message, effect.error);
      case 'ship':
        return this.#shipper.ship(effect);
      case 'behind':
        return this.#parts.onBehind(nodeOf(effect.peer));
      case 'halt':
        return this.#halt(effect.error);
    }
  }

  /** One timer, moved only when it must ring earlier: most steps leave it alone. */
  #schedule(): void {
    const wakeAtMs = this.#parts.replica.wakeAtMs();
    if (wakeAtMs >= this.#timerDueMs || this.#stopped) return;
    this.#timer?.cancel();
    this.#timerDueMs = wakeAtMs;
    const delayMs = Math.min(Math.max(1, Math.ceil(wakeAtMs - this.nowMs())), longestTimerMs);
    this.#timer = this.#parts.time.after(delayMs, () => this.#tick());
  }

  #tick(): void {
    this.#timerDueMs = Infinity;
    this.#step({ kind: 'tick' });
  }

  #halt(error: KvcError): void {
    if (this.#stopped) return;
    this.#halted = error;
    this.#stop(error);
    this.#checkpointer.abandon();
    this.#parts.onHalt(error);
  }

  #stop(error: KvcError): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#flusher.stop();
    this.#overload.stop();
    // What was accepted may be in the log, or with a peer, whatever the reason says of itself.
    this.#requests.rejectAll(error, error.kind.definite ? mayHaveHappened(error) : error);
    // Never the reason itself: a peer would take it for a judgement on its own message, or on itself.
    this.#messages.rejectAll(notReady());
  }
}

const longestTimerMs = 60_000;
/** Keys that may wait in memory while the disk has no room for the store, and their bytes. */
const unstoredKeysMax = 50_000;
const unstoredBytesMax = 256 * 1024 * 1024;
const firstContactMs = 100;

function mayHaveHappened({ message }: KvcError): KvcError {
  return new KvcError('KVC_E_NOT_DURABLE', `the node stops (${message}); the write may have happened`);
}

function notReady(): KvcError {
  return new KvcError('KVC_E_NOT_READY', 'the node is stopping; use another node');
}
