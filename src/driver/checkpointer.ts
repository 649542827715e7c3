import type { VersionVector } from '../core/clock/versionVector.js';
import type { Replica } from '../core/replica.js';
import { asKvcError, hasCode, KvcError, messageOf } from '../errors.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { StoreCut } from '../storage/storeSnapshot.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Log } from './log.js';
import type { Time, Timer } from './time.js';

/**
 * A checkpoint begins when so many keys have changed, or so many bytes. The more, the less is written of keys that change again and
 * again. But what has changed is kept in memory, twice over, for the next one gathers while one is written; and on a disk that
 * becomes full all of a checkpoint needs room beside the log that has it already.
 */
const dirtyKeysMax = 20_000;
const dirtyBytesMax = 8 * 1024 * 1024;

/** ... or when the oldest change is so old: what a restart has to replay. */
const ageMsMax = 1000;

/** After a checkpoint that found no room on the disk, the next attempt. */
const retryMs = 1000;

/** Writes the key store behind the log, one checkpoint at a time. */
export class Checkpointer {
  readonly #time: Time;
  readonly #replica: Replica;
  readonly #log: UpdateLog;
  readonly #keys: KeyStore;
  readonly #report: Log;
  readonly #onFailure: (error: KvcError) => void;
  readonly #ephemeral: boolean;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #checkpointed: VersionVector;
  #isDiskFull = false;
  #closed = false;
  #closing: Promise<KvcError | undefined> | undefined;
  #isAbandoned = false;

  constructor(
    parts: {
      readonly time: Time;
      readonly replica: Replica;
      readonly log: UpdateLog;
      readonly keys: KeyStore;
      readonly report: Log;
      readonly ephemeral: boolean;
    },
    onFailure: (error: KvcError) => void,
  ) {
    this.#time = parts.time;
    this.#ephemeral = parts.ephemeral;
    this.#checkpointed = parts.keys.opened.clock;
    this.#replica = parts.replica;
    this.#log = parts.log;
    this.#keys = parts.keys;
    this.#report = parts.report;
    this.#onFailure = onFailure;
  }

  /** What the store holds for good: the log need not keep it for a recovery. */
  get checkpointed(): VersionVector {
    return this.#ephemeral ? this.#replica.durable : this.#checkpointed;
  }

  /** True while the disk has no room for the store. */
  get isDiskFull(): boolean {
    return this.#isDiskFull;
  }

  /**
   * A consistent cut of all that is delivered.
   * @throws KVC_E_CLOSED after the last checkpoint
   */
  async cut(): Promise<StoreCut> {
    if (this.#closed) throw new KvcError('KVC_E_CLOSED', 'the store has its last checkpoint');
    const cut = await this.#keys.cut(this.#replica.facts(), this.#log.flush());
    this.#checkpointed = cut.checkpoint.clock;
    return cut;
  }

  /** To be called after every step: begins a checkpoint if one is due. */
  notice(): void {
    const { dirtyKeys, dirtyBytes } = this.#keys;
    if (dirtyKeys === 0 || this.#running !== undefined || this.#isDiskFull || this.#closed) return;
    if (dirtyKeys >= dirtyKeysMax || dirtyBytes >= dirtyBytesMax) this.#begin();
    else this.#timer ??= this.#time.after(ageMsMax, () => this.#begin());
  }

  /** The replica has failed: what it holds in memory must not reach the store. */
  abandon(): void {
    this.#closed = true;
    this.#isAbandoned = true;
    this.#timer?.cancel();
  }

  /**
   * Writes a last checkpoint, so that the next start has nothing to replay. No other one comes after it: the store may be
   * closed then, or belong to another replica, whose clock it must have. May be called again.
   * @returns why there is none: the disk has no room. The log has it all, and the next start replays it
   */
  close(): Promise<KvcError | undefined> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<KvcError | undefined> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
    if (this.#isAbandoned) return undefined;
    try {
      await this.#write();
      return undefined;
    } catch (error) {
      if (hasCode(error, 'KVC_E_DISK_FULL')) return error;
      throw error;
    }
  }

  #begin(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#running !== undefined || this.#isAbandoned) return;
    this.#running = this.#write()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#running = undefined;
        this.notice();
      });
  }

  async #write(): Promise<void> {
    const facts = this.#replica.facts();
    await this.#keys.checkpoint(facts, this.#log.flush());
    this.#checkpointed = facts.clock;
    this.#isDiskFull = false;
  }

  /** The log has everything, so nothing is lost; but without a store the node could not recover in bounded time. */
  #fail(error: unknown): void {
    if (hasCode(error, 'KVC_E_DISK_FULL')) return this.#retryLater(error);
    this.#report('error', 'the key store could not be written', { error: messageOf(error) });
    this.#onFailure(asKvcError(error, 'KVC_E_STORE_FAILED'));
  }

  #retryLater(error: KvcError): void {
    if (!this.#isDiskFull) this.#report('error', error.message, { code: error.code });
    this.#isDiskFull = true;
    if (!this.#closed) this.#timer = this.#time.after(retryMs, () => this.#begin());
  }
}
