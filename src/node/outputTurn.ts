/**
 * What a server sends when this turn of the event loop has read from all of its connections. What is sent wakes its reader, which
 * costs more than sending it; sent one after the other, all but the first find their readers awake.
 */
export class OutputTurn {
  #sends: (() => void)[] = [];

  /** @param send - called once; it does not throw */
  add(send: () => void): void {
    if (this.#sends.push(send) > 1) return;
    setImmediate(() => {
      const sends = this.#sends;
      this.#sends = [];
      for (const each of sends) each();
    });
  }
}
