import type { Reply } from './reply.js';

/** An answer that takes time. Cheaper than a promise, of which there would be several for each write. */
export class LaterReply {
  #reply: Reply | undefined;
  #listener: (() => void) | undefined;

  /** undefined: not there yet. */
  get reply(): Reply | undefined {
    return this.#reply;
  }

  /** Calls back when it is there, which it is not yet. */
  whenThere(listener: () => void): void {
    const before = this.#listener;
    if (before === undefined) this.#listener = listener;
    else {
      this.#listener = () => {
        before();
        listener();
      };
    }
  }

  /** Once. */
  settle(reply: Reply): void {
    this.#reply = reply;
    this.#listener?.();
  }
}
