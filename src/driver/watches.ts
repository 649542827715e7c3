import type { VersionVector } from '../core/clock/versionVector.js';
import { KvcError } from '../errors.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import type { StoreCut } from '../storage/storeSnapshot.js';
import type { Time } from './time.js';
import { Watch, type OpenCut, type WatchParts } from './watch.js';

/** Cuts that watches have open at the same time: each costs the store a transaction, or without a disk a copy of its tables. */
const cutsMax = 8;

export interface WatchesParts extends Pick<WatchParts, 'log' | 'durable' | 'onDamage'> {
  readonly time: Time;
  readonly limits: Pick<NodeLimits, 'watchersMax'>;
  /** Begins a consistent cut of all that is delivered here. */
  readonly cut: () => Promise<StoreCut>;
}

/** The watches of one replica: how many there may be, when they wake, and when they end. */
export class Watches {
  readonly #parts: WatchesParts;
  readonly #open = new Set<Watch>();
  readonly #sleepers = new Set<() => void>();
  /** Updates that were durable when the last of the sleepers fell asleep. */
  #durableUpdates = 0;
  #cuts = 0;
  #closed: KvcError | undefined;
  #onEmpty: () => void = () => undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: WatchesParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * @param after - where the watch begins: behind what the watcher has; undefined for what is durable now
   * @throws KvcError KVC_E_OVERLOADED, or what the watches were closed with
   */
  open(after: VersionVector | undefined): Watch {
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#open.size >= this.#parts.limits.watchersMax) {
      const message = `${this.#open.size} watches are open, which is the limit; watch at another node`;
      throw new KvcError('KVC_E_OVERLOADED', message);
    }
    const { time, log, durable, onDamage } = this.#parts;
    const watch: Watch = new Watch(
      { time, log, durable, onDamage, cut: this.#cut, sleep: this.#sleep, onLeave: () => this.#left(watch) },
      after,
    );
    this.#open.add(watch);
    return watch;
  }

  /** To be called after every step of the replica; costs nothing where nobody waits. */
  notice(): void {
    if (this.#sleepers.size === 0) return;
    const updates = updatesIn(this.#parts.durable());
    if (updates === this.#durableUpdates) return;
    this.#durableUpdates = updates;
    for (const wake of [...this.#sleepers]) wake();
  }

  /** Ends all watches by this error; no other one is opened. Resolves when whoever has them has left. May be called again. */
  close(error: KvcError): Promise<void> {
    this.#closing ??= this.#close(error);
    return this.#closing;
  }

  async #close(error: KvcError): Promise<void> {
    this.#closed = error;
    const empty = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    for (const watch of this.#open) watch.end(error);
    if (this.#open.size > 0) await empty;
  }

  #left(watch: Watch): void {
    this.#open.delete(watch);
    if (this.#open.size === 0) this.#onEmpty();
  }

  readonly #cut = async (): Promise<OpenCut> => {
    if (this.#cuts >= cutsMax) {
      const message = `${this.#cuts} watchers are being told the state after a gap, which is the limit; try again later`;
      throw new KvcError('KVC_E_OVERLOADED', message);
    }
    this.#cuts += 1;
    const end = (): void => void (this.#cuts -= 1);
    const cut = await this.#parts.cut().catch((error: unknown) => {
      end();
      throw error;
    });
    const close = (): void => {
      cut.close();
      end();
    };
    return { cut, close };
  };

  readonly #sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as KvcError);
      this.#durableUpdates = updatesIn(this.#parts.durable());
      const wake = (): void => {
        this.#sleepers.delete(wake);
        signal.removeEventListener('abort', abort);
        timer.cancel();
        resolve();
      };
      const abort = (): void => {
        reject(signal.reason as KvcError);
        wake();
      };
      const timer = this.#parts.time.after(ms, wake);
      this.#sleepers.add(wake);
      signal.addEventListener('abort', abort, { once: true });
    });
}

/** Counters only grow, so as long as their sum is the same the vector is. */
function updatesIn(vector: VersionVector): number {
  let updates = 0;
  for (const counter of vector.values()) updates += counter;
  return updates;
}
