/** Runs tasks one after the other, in the order in which they came. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    // Who asked for the task is told if it fails.
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all tasks that came before the call have ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
