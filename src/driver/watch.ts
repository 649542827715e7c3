import { counterOf, covers, type VersionVector } from '../core/clock/versionVector.js';
import { contentsOf, isLive, type Content } from '../core/contents.js';
import type { ReplicaId } from '../core/ids.js';
import type { Update } from '../core/update.js';
import { hasCode, KvcError } from '../errors.js';
import { firstWithPrefix, type SnapshotPosition } from '../protocol/snapshotPosition.js';
import type { StoreCut } from '../storage/storeSnapshot.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Time } from './time.js';
import { UpdateFeed } from './updateFeed.js';

/** Something is given at least so often: what it is sent on learns that its reader has gone, and the reader that it is there. */
const beatMs = 15_000;

/** An open cut holds disk space that the store could use again: a watcher that has not taken the state by then is ended. */
const stateMsMax = 600_000;

/** Encoded keys of a cut that are read at a time. */
const statePartBytesMax = 64 * 1024;

/** What happens in a watch. */
export type WatchItem =
  /** The position contains it from now on. */
  | { readonly kind: 'update'; readonly update: Update }
  /** What was missed: of each replica the first and last counter. What the keys hold follows, and then `ready`. */
  | { readonly kind: 'gap'; readonly missed: ReadonlyMap<ReplicaId, readonly [number, number]> }
  | { readonly kind: 'state'; readonly key: string; readonly contents: readonly Content[] }
  /** All has been given that was durable when the watch began, or when the gap was found. */
  | { readonly kind: 'ready' }
  /** Nothing but that time passes. */
  | { readonly kind: 'beat' };

/** A cut, and how it is given back: once. */
export interface OpenCut {
  readonly cut: StoreCut;
  readonly close: () => void;
}

export interface WatchParts {
  readonly time: Time;
  readonly log: Pick<UpdateLog, 'read'>;
  /** What is durable here, live, all replicas named that there ever were. */
  readonly durable: () => VersionVector;
  /** A cut of all that is delivered; KVC_E_OVERLOADED while others have as many as there may be. */
  readonly cut: () => Promise<OpenCut>;
  /** Resolves when more is durable than now, or after so many ms; rejects with the reason of the signal. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A part of the log cannot be read. */
  readonly onDamage: (error: KvcError) => void;
  readonly onLeave: () => void;
}

/** One watch of a node's updates: all behind a position, in an order that respects causality, and what comes after them. */
export class Watch {
  readonly #parts: WatchParts;
  readonly #feed: UpdateFeed;
  readonly #ended = new AbortController();
  #isReady = false;
  #beatDueMs: number;

  /** @param after - where it begins: behind what the watcher has; undefined for what is durable now */
  constructor(parts: WatchParts, after: VersionVector | undefined) {
    this.#parts = parts;
    this.#feed = new UpdateFeed(parts, after ?? parts.durable());
    this.#beatDueMs = parts.time.now() + beatMs;
  }

  /** Live: all that the watcher has, or need not be given any more. */
  get position(): VersionVector {
    return this.#feed.position;
  }

  /** Aborted when it ends; the reason is a KvcError. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** The items end by this error. */
  end(reason: KvcError): void {
    this.#ended.abort(reason);
  }

  /** Whoever opened it is done with it. To be called in any case. */
  leave(): void {
    this.#parts.onLeave();
  }

  /**
   * Each is made when it is asked for; it never ends but by an error.
   * @param prefix - of the keys whose state follows a gap; updates are given whatever their keys
   * @throws KvcError the reason of the signal; KVC_E_WATCH_LOST, and whatever log and store fail with
   */
  async *items(prefix: string): AsyncGenerator<WatchItem, never, undefined> {
    for (;;) {
      try {
        yield* this.#updates();
      } catch (error) {
        if (hasCode(error, 'KVC_E_LOG_CORRUPT')) this.#parts.onDamage(error);
        else if (!hasCode(error, 'KVC_E_LOG_TRUNCATED')) throw error;
        yield* this.#state(prefix);
      }
    }
  }

  async *#updates(): AsyncGenerator<WatchItem, never, undefined> {
    const { time, durable, sleep } = this.#parts;
    for (;;) {
      for await (const update of this.#feed.upTo(durable())) {
        this.signal.throwIfAborted();
        yield { kind: 'update', update };
        if (this.#isBeatDue()) yield { kind: 'beat' };
      }
      if (this.#isNewlyReady()) yield { kind: 'ready' };
      // What became durable while that was given woke nobody up.
      if (!covers(this.position, durable())) continue;
      await sleep(Math.max(0, this.#beatDueMs - time.now()), this.signal);
      if (this.#isBeatDue()) yield { kind: 'beat' };
    }
  }

  /** What the log cannot tell any more is told by what has become of it. Until that is whole, the position stays as it is. */
  async *#state(prefix: string): AsyncGenerator<WatchItem, void, undefined> {
    this.#isReady = false;
    const { cut, close } = await this.#parts.cut();
    try {
      this.signal.throwIfAborted();
      const { clock } = cut.checkpoint;
      yield { kind: 'gap', missed: missedBetween(this.position, clock) };
      yield* this.#keysOf(cut, prefix);
      this.#feed.jump(clock);
    } finally {
      close();
    }
    if (this.#isNewlyReady()) yield { kind: 'ready' };
  }

  async *#keysOf(cut: StoreCut, prefix: string): AsyncGenerator<WatchItem, void, undefined> {
    const { time } = this.#parts;
    const deadlineMs = time.now() + stateMsMax;
    let position: SnapshotPosition | undefined = firstWithPrefix(prefix);
    while (position !== undefined) {
      const part = cut.read(position, statePartBytesMax);
      for (const { key, versions } of part.keys) {
        if (!key.startsWith(prefix)) return;
        this.signal.throwIfAborted();
        const contents = contentsOf(versions);
        if (isLive(contents[0])) yield { kind: 'state', key, contents };
      }
      if (time.now() > deadlineMs) throw tooSlow();
      position = part.next;
      if (this.#isBeatDue()) yield { kind: 'beat' };
      await time.giveWay();
    }
  }

  #isNewlyReady(): boolean {
    const isNew = !this.#isReady;
    this.#isReady = true;
    return isNew;
  }

  #isBeatDue(): boolean {
    const nowMs = this.#parts.time.now();
    if (nowMs < this.#beatDueMs) return false;
    this.#beatDueMs = nowMs + beatMs;
    return true;
  }
}

function missedBetween(
  position: VersionVector,
  clock: VersionVector,
): ReadonlyMap<ReplicaId, readonly [number, number]> {
  const missed = new Map<ReplicaId, readonly [number, number]>();
  for (const [replica, last] of clock) {
    const has = counterOf(position, replica);
    if (has < last) missed.set(replica, [has + 1, last]);
  }
  return missed;
}

function tooSlow(): KvcError {
  const message = `the watcher has not taken the state of the keys within ${stateMsMax} ms`;
  return new KvcError('KVC_E_WATCH_LOST', message);
}
