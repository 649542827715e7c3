/** What two sequences hold under one key: at least one of them something. */
export interface Pair {
  readonly key: Buffer;
  readonly left: Buffer | undefined;
  readonly right: Buffer | undefined;
}

interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Goes through two sequences side by side, each of which is in the order of its keys. */
export function* pairByKey(lefts: Iterable<Entry>, rights: Iterable<Entry>): Generator<Pair, void> {
  const left = new Reader(lefts);
  const right = new Reader(rights);
  try {
    while (left.entry !== undefined || right.entry !== undefined) {
      const order = compareEntries(left.entry, right.entry);
      const first = order <= 0 ? left.entry : undefined;
      const second = order >= 0 ? right.entry : undefined;
      const key = (first ?? second)?.key;
      if (key === undefined) return;
      yield { key, left: first?.value, right: second?.value };
      if (first !== undefined) left.advance();
      if (second !== undefined) right.advance();
    }
  } finally {
    left.close();
    right.close();
  }
}

/** Those that are at their end come last. */
function compareEntries(left: Entry | undefined, right: Entry | undefined): number {
  if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
  return Buffer.compare(left.key, right.key);
}

class Reader {
  readonly #entries: Iterator<Entry>;
  #current: IteratorResult<Entry, unknown>;

  constructor(entries: Iterable<Entry>) {
    this.#entries = entries[Symbol.iterator]();
    this.#current = this.#entries.next();
  }

  get entry(): Entry | undefined {
    return this.#current.done === true ? undefined : this.#current.value;
  }

  advance(): void {
    this.#current = this.#entries.next();
  }

  close(): void {
    if (this.#current.done !== true) this.#entries.return?.();
  }
}
