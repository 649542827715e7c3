import type { Replica } from '../core/replica.js';
import { isTombstone, type Version } from '../core/versions.js';
import { asKvcError, type KvcError } from '../errors.js';
import type { KeyStore } from '../storage/keyStore.js';
import { RecurringTask } from './recurringTask.js';
import type { Time } from './time.js';

/** How often it is looked whether one is needed. */
const intervalMs = 500;

/** It looks at every key, so it is not done often. */
const pauseMs = 30_000;

/** Keys that are looked at before other work gets its turn. */
const keysPerTurn = 256;

export interface UpkeepSearchParts {
  readonly time: Time;
  readonly replica: Replica;
  readonly keys: KeyStore;
  /** Keys that hold such. */
  readonly onFound: (keys: readonly string[]) => void;
  /** The keys cannot be read: the node must not go on. */
  readonly onFailure: (error: KvcError) => void;
}

/** Finds tombstones, and values that expire, that the replica does not remember by name. */
export class UpkeepSearch {
  readonly #parts: UpkeepSearchParts;
  readonly #task: RecurringTask;
  #nextMs = 0;

  constructor(parts: UpkeepSearchParts) {
    this.#parts = parts;
    this.#task = new RecurringTask({
      time: parts.time,
      intervalMs,
      run: () => this.#look(),
      onFailure: (error) => parts.onFailure(asKvcError(error)),
    });
  }

  start(): void {
    this.#task.start();
  }

  /** Waits for what it does at the moment. */
  close(): Promise<void> {
    return this.#task.close();
  }

  async #look(): Promise<void> {
    const { time, replica } = this.#parts;
    if (!replica.needsSearch || time.now() < this.#nextMs) return;
    this.#nextMs = time.now() + pauseMs;
    await this.#search();
  }

  async #search(): Promise<void> {
    const { time, replica, keys, onFound } = this.#parts;
    replica.beginSearch();
    let after: string | undefined;
    while (!this.#task.isClosed) {
      const entries = keys.scan({ prefix: '', after, limit: keysPerTurn });
      const found = entries.filter(({ versions }) => versions.some(needsUpkeep));
      if (found.length > 0) onFound(found.map(({ key }) => key));
      if (entries.length < keysPerTurn) return;
      after = entries.at(-1)?.key;
      await time.giveWay();
    }
  }
}

function needsUpkeep(version: Version): boolean {
  return isTombstone(version) || (version.kind === undefined && version.expiresMs !== undefined);
}
