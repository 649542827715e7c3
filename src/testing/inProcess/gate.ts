/** Through it goes whatever a node does or hears of. Shut, the node stands still; what was to happen happens, in order, when it opens. */
export class Gate {
  #isOpen = true;
  #waiting: (() => void)[] = [];

  /** Runs at once, or when the gate opens. */
  pass(run: () => void): void {
    if (this.#isOpen) run();
    else this.#waiting.push(run);
  }

  /** Resolves when the gate is open. */
  async passed(): Promise<void> {
    while (!this.#isOpen) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  shut(): void {
    this.#isOpen = false;
  }

  open(): void {
    this.#isOpen = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  }
}
