import { KvcError } from '../errors.js';

/** Does one piece of work after another, in the order in which they were asked for. */
export class ClosableQueue {
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @throws what the work throws; KvcError KVC_E_STATE_CONFLICT if the queue is closed before its turn */
  run<T>(work: () => Promise<T>): Promise<T> {
    const outcome = this.#last.then(() => {
      this.requireOpen();
      return work();
    });
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }

  /** Nothing is begun any more; work that is under way goes on. */
  close(): void {
    this.#isClosed = true;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws KvcError KVC_E_STATE_CONFLICT */
  requireOpen(): void {
    if (this.#isClosed) throw new KvcError('KVC_E_STATE_CONFLICT', 'the cluster is being stopped');
  }
}
