import { KvcError } from '../../errors.js';

/** From the beginning of a client to its closing, which is also that of all clients that were made from it. */
export class Lifetime {
  readonly #parent: Lifetime | undefined;
  readonly #listeners = new Set<() => void>();
  #hasEnded = false;

  constructor(parent?: Lifetime) {
    this.#parent = parent;
  }

  get isOver(): boolean {
    return this.#hasEnded || (this.#parent?.isOver ?? false);
  }

  /** @throws KvcError KVC_E_CLOSED */
  requireOpen(): void {
    if (this.isOver) throw new KvcError('KVC_E_CLOSED', 'the client is closed');
  }

  /** @returns to be called when the listener is of no use any more: a lifetime may be long */
  onEnd(listener: () => void): () => void {
    this.#listeners.add(listener);
    const removeAbove = this.#parent?.onEnd(listener);
    return () => {
      this.#listeners.delete(listener);
      removeAbove?.();
    };
  }

  end(): void {
    this.#hasEnded = true;
    for (const listener of [...this.#listeners]) listener();
  }
}
