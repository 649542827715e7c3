import type { ServerResponse } from 'node:http';
import { KvcError } from '../errors.js';

/** What is handed over at a time: a client that takes so much within the time it has is one that takes something. */
const sliceBytes = 64 * 1024;

/** The body of an answer that is written as its client takes it. No more of it waits in memory than was handed to one `write`. */
export class ReplyStream {
  readonly #response: ServerResponse;
  readonly #stallMsMax: number;

  constructor(response: ServerResponse, stallMsMax: number) {
    this.#response = response;
    this.#stallMsMax = stallMsMax;
  }

  /** Calls back once, when the client has gone or the answer has ended. */
  onClose(listener: () => void): void {
    if (this.#response.closed || this.#response.destroyed) listener();
    else this.#response.once('close', listener);
  }

  /**
   * Resolves when the connection takes more.
   * @throws KvcError KVC_E_WATCH_LOST, and closes the connection, when the client has taken nothing for too long: it could
   * not be told anything; KVC_E_CLOSED if it has gone; the reason of the signal
   */
  async write(text: string, signal: AbortSignal): Promise<void> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      signal.throwIfAborted();
      if (!this.#response.write(bytes.subarray(at, at + sliceBytes))) await this.#drained(signal);
    }
  }

  #drained(signal: AbortSignal): Promise<void> {
    const response = this.#response;
    if (response.destroyed) return Promise.reject(gone());
    return new Promise((resolve, reject) => {
      const settle = (error?: KvcError): void => {
        clearTimeout(timer);
        response.off('drain', onDrain).off('close', onClose);
        signal.removeEventListener('abort', onAbort);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onDrain = (): void => settle();
      const onClose = (): void => settle(gone());
      const onAbort = (): void => settle(signal.reason as KvcError);
      const timer = setTimeout(() => {
        settle(stalled(this.#stallMsMax));
        response.destroy();
      }, this.#stallMsMax);
      response.once('drain', onDrain).once('close', onClose);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

function gone(): KvcError {
  return new KvcError('KVC_E_CLOSED', 'the client closed the connection');
}

function stalled(ms: number): KvcError {
  return new KvcError('KVC_E_WATCH_LOST', `the watcher has taken nothing for ${ms} ms`);
}
