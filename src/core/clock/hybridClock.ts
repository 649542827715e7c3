/**
 * A hybrid logical timestamp in one safe integer: milliseconds since 1970 times 2048, plus a logical counter. Comparing
 * two timestamps is comparing two numbers. An update's timestamp is greater than those of all updates it depends on.
 *
 * Source: Kulkarni et al., "Logical Physical Clocks", OPODIS 2014. Departure: the logical part is 11 bits of the same
 * number, and overflowing it borrows from the next millisecond, which keeps the order and needs no case of its own.
 */
export type HybridTimestamp = number;

const ticksPerMs = 2048;

/** The end of the year 2099. Timestamps beyond it are refused at the edge, which leaves room to go on counting. */
export const timestampMax: HybridTimestamp = 4_102_444_800_000 * ticksPerMs;

export function timestampAt(nowMs: number): HybridTimestamp {
  return Math.floor(nowMs) * ticksPerMs;
}

export function msOfTimestamp(timestamp: HybridTimestamp): number {
  return Math.floor(timestamp / ticksPerMs);
}

/** Issues timestamps that rise, stay close to the given wall clock, and exceed every timestamp observed. */
export class HybridClock {
  #latest: HybridTimestamp;

  constructor(latest: HybridTimestamp = 0) {
    this.#latest = latest;
  }

  get latest(): HybridTimestamp {
    return this.#latest;
  }

  next(nowMs: number): HybridTimestamp {
    this.#latest = Math.max(this.#latest + 1, timestampAt(nowMs));
    return this.#latest;
  }

  /**
   * Adopts a timestamp of another replica, however far ahead of the wall clock: a write that depends on it must be
   * greater, or the winner among siblings could contradict causality (see ARCHITECTURE.md, "Departures").
   */
  observe(timestamp: HybridTimestamp): void {
    if (timestamp > this.#latest) this.#latest = timestamp;
  }
}
