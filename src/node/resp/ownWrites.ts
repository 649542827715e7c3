import type { Write } from './plans.js';

interface Pending {
  count: number;
  /** Of these, those that look at what is there: others may make them look again. */
  looking: number;
  /** undefined if they are not all of one. */
  family: Write['family'];
}

/** The writes of one connection that are begun and not answered yet. */
export class OwnWrites {
  readonly #keys = new Map<string, Pending>();
  #count = 0;
  #listeners: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  /**
   * Whether what looks at these keys has to wait.
   * @param keys - undefined: any
   * @param family - writes of it need not be waited for: they do not hinder each other
   */
  hinder(keys: readonly string[] | undefined, family?: Write['family']): boolean {
    if (this.#count === 0) return false;
    return keys === undefined || keys.some((key) => this.#hindersAt(key, family));
  }

  /**
   * Whether what only writes to these keys has to wait: for what looks at them may be overtaken by others, and is then done after
   * what came behind it.
   */
  mayBeOvertaken(keys: readonly string[]): boolean {
    return this.#count > 0 && keys.some((key) => (this.#keys.get(key)?.looking ?? 0) > 0);
  }

  /** Calls back when all are answered; at once if there are none. */
  whenAnswered(run: () => void): void {
    if (this.#count === 0) run();
    else this.#listeners.push(run);
  }

  begin({ keys, family, looks }: Write): void {
    this.#count += 1;
    for (const key of keys) {
      const pending = this.#keys.get(key);
      if (pending === undefined) this.#keys.set(key, { count: 1, looking: Number(looks), family });
      else {
        pending.count += 1;
        pending.looking += Number(looks);
        if (pending.family !== family) pending.family = undefined;
      }
    }
  }

  end({ keys, looks }: Write): void {
    this.#count -= 1;
    for (const key of keys) {
      const pending = this.#keys.get(key);
      if (pending === undefined) continue;
      pending.count -= 1;
      pending.looking -= Number(looks);
      if (pending.count === 0) this.#keys.delete(key);
    }
    if (this.#count > 0 || this.#listeners.length === 0) return;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  #hindersAt(key: string, family: Write['family']): boolean {
    const pending = this.#keys.get(key);
    return pending !== undefined && (family === undefined || pending.family !== family);
  }
}
