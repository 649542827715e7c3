import type { Replica } from '../core/replica.js';
import { KvcError, messageOf } from '../errors.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Log } from './log.js';

/** A checkpoint begins when so many keys have changed: few enough that encoding them does not hold up requests. */
const dirtyKeysMax = 2000;

/** ... or when the oldest change is so old: what a restart has to replay. */
const ageMsMax = 1000;

/** Writes the key store behind the log, one checkpoint at a time. */
export class Checkpointer {
  readonly #replica: Replica;
  readonly #log: UpdateLog;
  readonly #keys: KeyStore;
  readonly #report: Log;
  readonly #onFailure: (error: KvcError) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(
    parts: { replica: Replica; log: UpdateLog; keys: KeyStore; report: Log },
    onFailure: (error: KvcError) => void,
  ) {
    this.#replica = parts.replica;
    this.#log = parts.log;
    this.#keys = parts.keys;
    this.#report = parts.report;
    this.#onFailure = onFailure;
  }

  /** To be called after every step: begins a checkpoint if one is due. */
  notice(): void {
    const dirty = this.#keys.dirtyKeys;
    if (dirty === 0 || this.#running !== undefined) return;
    if (dirty >= dirtyKeysMax) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), ageMsMax);
  }

  /** Writes a last checkpoint, so that the next start has nothing to replay. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    if (this.#keys.dirtyKeys > 0) await this.#write();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running !== undefined) return;
    this.#running = this.#write()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#running = undefined;
        this.notice();
      });
  }

  #write(): Promise<void> {
    return this.#keys.checkpoint(this.#replica.facts(), this.#log.flush());
  }

  /** The log has everything, so nothing is lost; but without a store the node could not recover in bounded time. */
  #fail(error: unknown): void {
    this.#report('error', 'the key store could not be written', { error: messageOf(error) });
    this.#onFailure(
      error instanceof KvcError
        ? error
        : new KvcError('KVC_E_STORE_FAILED', messageOf(error), {}, { cause: error }),
    );
  }
}
