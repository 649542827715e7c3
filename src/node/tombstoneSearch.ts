import { setImmediate } from 'node:timers/promises';
import type { Replica } from '../core/replica.js';
import { asKvcError, type KvcError } from '../errors.js';
import type { KeyStore } from '../storage/keyStore.js';

/** How often it is looked whether one is needed. */
const intervalMs = 500;

/** It looks at every key, so it is not done often. */
const pauseMs = 30_000;

/** Keys that are looked at before other work gets its turn. */
const keysPerTurn = 256;

export interface TombstoneSearchParts {
  readonly replica: Replica;
  readonly keys: KeyStore;
  /** Keys that hold tombstones. */
  readonly onFound: (keys: readonly string[]) => void;
  /** The keys cannot be read: the node must not go on. */
  readonly onFailure: (error: KvcError) => void;
}

/** Finds tombstones that the replica does not remember by name. */
export class TombstoneSearch {
  readonly #parts: TombstoneSearchParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #nextMs = 0;

  constructor(parts: TombstoneSearchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), intervalMs).unref();
  }

  /** Waits for what it does at the moment. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  #look(): void {
    const isDue = this.#parts.replica.needsTombstoneSearch && performance.now() >= this.#nextMs;
    if (!isDue || this.#running !== undefined) return;
    this.#nextMs = performance.now() + pauseMs;
    this.#running = this.#search()
      .catch((error: unknown) => this.#parts.onFailure(asKvcError(error)))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #search(): Promise<void> {
    const { replica, keys, onFound } = this.#parts;
    replica.beginTombstoneSearch();
    let after: string | undefined;
    while (!this.#closed) {
      const entries = keys.scan({ prefix: '', after, limit: keysPerTurn });
      const found = entries.filter(({ versions }) => versions.some(({ value }) => value === null));
      if (found.length > 0) onFound(found.map(({ key }) => key));
      if (entries.length < keysPerTurn) return;
      after = entries.at(-1)?.key;
      await setImmediate();
    }
  }
}
