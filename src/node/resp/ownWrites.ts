import type { Reply, Write } from './command.js';

interface Pending {
  count: number;
  /** undefined if they are not all of one. */
  family: Write['family'];
}

/** The writes of one connection that are begun and not answered yet. */
export class OwnWrites {
  readonly #keys = new Map<string, Pending>();
  #count = 0;
  /** Resolves when those are that were begun until now; those before end before it or with it. */
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves when all are answered; undefined if there are none. */
  settled(): Promise<unknown> | undefined {
    return this.#count === 0 ? undefined : this.#last;
  }

  /**
   * The same for those of some keys.
   * @param keys - undefined: of any
   * @param family - those of which nothing need be known: they do not hinder each other
   */
  settledAt(keys: readonly string[] | undefined, family?: Write['family']): Promise<unknown> | undefined {
    if (this.#count === 0) return undefined;
    return keys === undefined || keys.some((key) => this.#hinders(key, family)) ? this.#last : undefined;
  }

  track(write: Write, done: Promise<Reply>): Promise<Reply> {
    this.#count += 1;
    for (const key of write.keys) this.#begin(key, write.family);
    const ended = done.then(
      () => this.#end(write),
      () => this.#end(write),
    );
    const before = this.#last;
    this.#last = ended.then(() => before);
    return done;
  }

  #hinders(key: string, family: Write['family']): boolean {
    const pending = this.#keys.get(key);
    return pending !== undefined && (family === undefined || pending.family !== family);
  }

  #begin(key: string, family: Write['family']): void {
    const pending = this.#keys.get(key);
    if (pending === undefined) this.#keys.set(key, { count: 1, family });
    else {
      pending.count += 1;
      if (pending.family !== family) pending.family = undefined;
    }
  }

  #end({ keys }: Write): void {
    this.#count -= 1;
    for (const key of keys) {
      const pending = this.#keys.get(key);
      if (pending === undefined) continue;
      pending.count -= 1;
      if (pending.count === 0) this.#keys.delete(key);
    }
  }
}
