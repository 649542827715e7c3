import type { HistoryLine } from '../historyLine.js';

/**
 * Counts the lines that began before an earlier one of their session had ended, as far as their times say it. A session
 * does one thing at a time, and its order is taken for causal: if it did several at once, a violation may be none. Clocks
 * may be set back, so this is told, and refuses nothing.
 */
export class Overlaps {
  /** By session, the latest end so far. */
  readonly #ends = new Map<string, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Final reads may be one request, told of in several lines: when nothing changes any more, their order is nothing. */
  add({ session, start, end, final }: HistoryLine): void {
    if (final === true) return;
    const before = this.#ends.get(session) ?? -Infinity;
    if (start !== undefined && start < before) this.#count += 1;
    if (end !== undefined) this.#ends.set(session, Math.max(before, end));
  }
}
