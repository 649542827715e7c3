import { KvcError } from '../../errors.js';
import type { BatchWriteJson } from '../../protocol/api.js';
import type { Batch } from './batch.js';
import type { ClientParts } from './clientParts.js';
import { commitWrites, writtenOf } from './commitWrites.js';
import type { Written } from './entry.js';
import type { WriteCallOptions } from './options.js';
import { bytesOf, deletionOf, incrementOf, membershipsOf, putOf, requireBatchSize } from './writeOf.js';

/** Collects writes until they are committed. */
export class WriteBatch implements Batch {
  readonly #parts: ClientParts;
  readonly #writes: BatchWriteJson[] = [];
  #bytes = 0;
  #isUsed = false;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  set(key: string, value: unknown, options: { readonly ttlMs?: number } = {}): this {
    return this.#add(putOf(this.#parts.codec, key, value, options.ttlMs));
  }

  delete(key: string): this {
    return this.#add(deletionOf(key));
  }

  increment(key: string, by = 1): this {
    return this.#add(incrementOf(key, by));
  }

  decrement(key: string, by = 1): this {
    return this.#add(incrementOf(key, -by));
  }

  add(key: string, members: readonly (string | Uint8Array)[]): this {
    return this.#add(...membershipsOf('add', key, members));
  }

  remove(key: string, members: readonly (string | Uint8Array)[]): this {
    return this.#add(...membershipsOf('remove', key, members));
  }

  async commit(options: WriteCallOptions = {}): Promise<Written> {
    this.#requireUnused();
    if (this.#writes.length === 0) throw new KvcError('KVC_E_BAD_REQUEST', 'the batch has no writes');
    this.#isUsed = true;
    return writtenOf(this.#parts, await commitWrites(this.#parts, this.#writes, options));
  }

  #add(...writes: BatchWriteJson[]): this {
    this.#requireUnused();
    const bytes = writes.reduce((sum, write) => sum + bytesOf(write), this.#bytes);
    requireBatchSize(this.#writes.length + writes.length, bytes);
    this.#bytes = bytes;
    this.#writes.push(...writes);
    return this;
  }

  #requireUnused(): void {
    if (this.#isUsed) throw new KvcError('KVC_E_CLOSED', 'the batch was committed: begin another one');
  }
}
