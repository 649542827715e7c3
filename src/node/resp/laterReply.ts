import type { Reply } from './reply.js';

/** An answer that takes time. Cheaper than a promise, of which there would be several for each write. */
export class LaterReply {
  #reply: Reply | undefined;
  #listeners: (() => void)[] | undefined;

  /** undefined: not there yet. */
  get reply(): Reply | undefined {
    return this.#reply;
  }

  /** Calls back when it is there, which it is not yet. */
  whenThere(listener: () => void): void {
    this.#listeners ??= [];
    this.#listeners.push(listener);
  }

  /** Once. */
  settle(reply: Reply): void {
    this.#reply = reply;
    for (const listener of this.#listeners ?? []) listener();
  }
}
