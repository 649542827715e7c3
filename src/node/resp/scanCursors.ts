/** How many scans a node remembers; the oldest are forgotten, and whoever goes on with one of those is told. */
const cursorsMax = 10_000;

/** Cursors of SCAN are numbers; behind each is the key after which the scan goes on. */
export class ScanCursors {
  readonly #after = new Map<string, string>();
  #last = 0;

  /** @param after - a key */
  add(after: string): string {
    if (this.#after.size >= cursorsMax) this.#after.delete(this.#after.keys().next().value ?? '');
    const cursor = String((this.#last += 1));
    this.#after.set(cursor, after);
    return cursor;
  }

  /** A cursor may be used more than once: who got no answer asks again. */
  get(cursor: string): string | undefined {
    return this.#after.get(cursor);
  }
}
