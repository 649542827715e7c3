const rememberedMax = 64;

/** The keys that were written last, by whatever client, each once. */
export class RecentKeys {
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= rememberedMax) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }

  /** The last written first. */
  newest(): string[] {
    return [...this.#keys].reverse();
  }
}
