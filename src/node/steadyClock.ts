/**
 * The time in ms since 1970 that never goes back: it follows the wall clock forward, over a suspended machine too, and when
 * the wall clock is set back it goes on from where it was. With `Date.now` alone every deadline, probe and pause would
 * stall for as long as the clock was set back.
 */
export class SteadyClock {
  #offsetMs = -Infinity;

  now = (): number => {
    const elapsedMs = performance.now();
    this.#offsetMs = Math.max(this.#offsetMs, Date.now() - elapsedMs);
    return elapsedMs + this.#offsetMs;
  };
}
