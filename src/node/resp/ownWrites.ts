import type { Write } from './plans.js';

/** One of the writes of a connection that are begun and not answered yet. They are a list, in the order in which they began. */
export class OwnWrite {
  readonly write: Write;
  readonly #of: OwnWrites;
  before: OwnWrite | undefined;
  after: OwnWrite | undefined;

  constructor(write: Write, of: OwnWrites) {
    this.write = write;
    this.#of = of;
  }

  /** It is answered. */
  end(): void {
    this.#of.end(this);
  }
}

/**
 * The writes of one connection that are begun and not answered yet. What looks at keys goes through the keys of all of them; so most
 * writes, which look at nothing, cost nothing here.
 */
export class OwnWrites {
  #first: OwnWrite | undefined;
  #last: OwnWrite | undefined;
  #count = 0;
  /** Of these, how many look at what is there. */
  #looking = 0;
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
    if (this.#count === 0 || keys === undefined) return this.#count > 0;
    return this.#has(keys, (write) => family === undefined || write.family !== family);
  }

  /**
   * Whether what only writes to these keys has to wait: for what looks at them may be overtaken by others, and is then done after
   * what came behind it.
   */
  mayBeOvertaken(keys: readonly string[]): boolean {
    return this.#looking > 0 && this.#has(keys, ({ looks }) => looks);
  }

  /** Calls back when all are answered; at once if there are none. */
  whenAnswered(run: () => void): void {
    if (this.#count === 0) run();
    else this.#listeners.push(run);
  }

  begin(write: Write): OwnWrite {
    const own = new OwnWrite(write, this);
    own.before = this.#last;
    if (this.#last === undefined) this.#first = own;
    else this.#last.after = own;
    this.#last = own;
    this.#count += 1;
    if (write.looks) this.#looking += 1;
    return own;
  }

  end(own: OwnWrite): void {
    const { write, before, after } = own;
    // An old one would keep all that came after it from being cleared away, as long as the list is never empty.
    own.before = own.after = undefined;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    this.#count -= 1;
    if (write.looks) this.#looking -= 1;
    if (this.#count > 0 || this.#listeners.length === 0) return;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  #has(keys: readonly string[], isMeant: (write: Write) => boolean): boolean {
    const isAsked = lookUpIn(keys);
    for (let own = this.#first; own !== undefined; own = own.after) {
      if (isMeant(own.write) && own.write.keys.some(isAsked)) return true;
    }
    return false;
  }
}

/** From so many keys on, a set of them is made up for by how fast it is. */
const manyKeys = 8;

function lookUpIn(keys: readonly string[]): (key: string) => boolean {
  if (keys.length < manyKeys) return (key) => keys.includes(key);
  const set = new Set(keys);
  return (key) => set.has(key);
}
