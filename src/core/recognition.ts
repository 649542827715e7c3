const pauseMinMs = 50;
const pauseMaxMs = 1000;

/** Whether a peer knows this replica. One that does not takes nothing that this replica wrote, only what others did. */
export class Recognition {
  /** In a row. */
  #refusals = 0;
  #retryAtMs = -Infinity;
  #ackedAtRefusal = 0;

  get isUnknown(): boolean {
    return this.#refusals > 0;
  }

  /** @param acked - how many of this replica's updates the peer has. What was under way together is refused together, once. */
  refused(acked: number, nowMs: number): void {
    if (this.isUnknown && nowMs < this.#retryAtMs) return;
    this.#refusals += 1;
    this.#ackedAtRefusal = acked;
    this.#retryAtMs = nowMs + Math.min(pauseMaxMs, pauseMinMs * 2 ** Math.min(this.#refusals - 1, 16));
  }

  /** Only that it has more of this replica's updates proves that it knows it. */
  heard(acked: number): void {
    if (acked > this.#ackedAtRefusal) this.#refusals = 0;
  }

  /** Whether it may be offered this replica's updates. */
  isOffered(nowMs: number): boolean {
    return !this.isUnknown || nowMs >= this.#retryAtMs;
  }

  /** When that changes by the passing of time alone; Infinity if it does not. */
  nextChangeMs(nowMs: number): number {
    return this.isOffered(nowMs) ? Infinity : this.#retryAtMs;
  }
}
