import type { Write } from '../../check/history.js';
import type { Batch } from '../../client/library/batch.js';
import type { Written } from '../../client/library/entry.js';
import type { WriteCallOptions } from '../../client/library/options.js';
import { writeOf } from './accesses.js';
import type { RecordedSession } from './recordedSession.js';

/** A batch that records what it wrote: of each key the last write, for that is what stays. */
export class RecordedBatch implements Batch {
  readonly #inner: Batch;
  readonly #session: RecordedSession;
  readonly #writes = new Map<string, Write>();

  constructor(inner: Batch, session: RecordedSession) {
    this.#inner = inner;
    this.#session = session;
  }

  set(key: string, value: unknown, options?: { readonly ttlMs?: number }): this {
    this.#inner.set(key, value, options);
    if (options?.ttlMs !== undefined) this.#session.log.leaveOut(key);
    this.#writes.set(key, writeOf(key, value));
    return this;
  }

  delete(key: string): this {
    this.#inner.delete(key);
    this.#writes.set(key, writeOf(key, undefined));
    return this;
  }

  increment(key: string, by?: number): this {
    this.#inner.increment(key, by);
    return this.#leaveOut(key);
  }

  decrement(key: string, by?: number): this {
    this.#inner.decrement(key, by);
    return this.#leaveOut(key);
  }

  add(key: string, members: readonly (string | Uint8Array)[]): this {
    this.#inner.add(key, members);
    return this.#leaveOut(key);
  }

  remove(key: string, members: readonly (string | Uint8Array)[]): this {
    this.#inner.remove(key, members);
    return this.#leaveOut(key);
  }

  commit(options?: WriteCallOptions): Promise<Written> {
    const writes = [...this.#writes.values()];
    return this.#session.record(async (begun) => {
      try {
        const written = await this.#inner.commit(options);
        begun.wrote(writes, written.dot, written.node);
        return written;
      } catch (error) {
        begun.failed(writes, error);
        throw error;
      }
    });
  }

  #leaveOut(key: string): this {
    this.#session.log.leaveOut(key);
    return this;
  }
}
