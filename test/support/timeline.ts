/** Virtual time: what is scheduled happens in the order of its time, and of scheduling where times are equal. */
export class Timeline {
  nowMs: number;
  readonly #events: { readonly atMs: number; readonly run: () => void }[] = [];

  constructor(startMs = 0) {
    this.nowMs = startMs;
  }

  after(delayMs: number, run: () => void): void {
    const atMs = this.nowMs + Math.max(0, delayMs);
    let index = this.#events.length;
    while (index > 0 && (this.#events[index - 1]?.atMs ?? 0) <= atMs) index -= 1;
    this.#events.splice(index, 0, { atMs, run });
  }

  /** Runs events until the condition holds; false if it does not by `untilMs`. */
  runUntil(condition: () => boolean, untilMs: number): boolean {
    while (!condition()) {
      const event = this.#events.at(-1);
      if (event === undefined || event.atMs > untilMs) return false;
      this.#events.pop();
      this.nowMs = event.atMs;
      event.run();
    }
    return true;
  }
}
