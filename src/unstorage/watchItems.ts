import { setTimeout as pause } from 'node:timers/promises';
import { asKvcError } from '../errors.js';
import type { KvcClient } from '../client/library/kvcClient.js';
import type { WatchEvent } from '../client/library/watchEvents.js';

/** Between two attempts to go on with a watch, when no node serves it. */
const againMs = 1000;

/** What happened to one key, in the words of unstorage. */
export type ItemListener = (event: 'update' | 'remove', key: string) => void;

/**
 * Tells what happens to all keys that begin with the prefix, until the signal is aborted.
 *
 * It goes on when no node serves it for a while. What kvc cannot tell any more is told as the state of every key. Where a watch
 * is refused for good, there is a warning of the process; when the client is closed, it ends.
 * @returns when all that happens from now on will be told
 * @throws KvcError if the first attempt fails
 */
export async function watchItems(
  client: KvcClient,
  prefix: string,
  signal: AbortSignal,
  listener: ItemListener,
): Promise<void> {
  const watch = new ItemWatch(client, prefix, signal, listener);
  await new Promise<void>((resolve, reject) => {
    void watch.run(resolve, reject);
  });
}

class ItemWatch {
  readonly #client: KvcClient;
  readonly #prefix: string;
  readonly #signal: AbortSignal;
  readonly #listener: ItemListener;
  /** Behind what was told last. */
  #from: string | undefined;

  constructor(client: KvcClient, prefix: string, signal: AbortSignal, listener: ItemListener) {
    this.#client = client;
    this.#prefix = prefix;
    this.#signal = signal;
    this.#listener = listener;
  }

  async run(onReady: () => void, onFailure: (error: unknown) => void): Promise<void> {
    for (let isOver = false; !isOver;) {
      const error = await this.#once(onReady);
      isOver = this.#signal.aborted || !this.#mayGoOn(error, onFailure);
      if (!isOver) await pause(againMs, undefined, { signal: this.#signal }).catch(() => undefined);
    }
    // Whoever still waits for it has ended it.
    onReady();
  }

  #mayGoOn(error: unknown, onFailure: (error: unknown) => void): boolean {
    const { kind, code, message } = asKvcError(error);
    if (this.#from === undefined) onFailure(error);
    else if (code === 'KVC_E_CLOSED') return false;
    else if (!kind.retryable) process.emitWarning(`${this.#title} has ended: ${message}`, { code });
    else return true;
    return false;
  }

  get #title(): string {
    return `the watch of ${JSON.stringify(this.#prefix)}`;
  }

  /** @returns why it ended */
  async #once(onReady: () => void): Promise<unknown> {
    const from = this.#from === undefined ? {} : { from: this.#from };
    const events = this.#client.watch(this.#prefix, { signal: this.#signal, ...from });
    try {
      for await (const event of events) {
        this.#tell(event);
        if (event.kind === 'ready') onReady();
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #tell(event: WatchEvent): void {
    if ('cursor' in event) this.#from = event.cursor;
    if (event.kind === 'state')
      this.#say(event.entry.value === undefined ? 'remove' : 'update', event.entry.key);
    if (event.kind !== 'change') return;
    for (const { key, kind } of event.writes) {
      this.#say(kind === 'delete' || kind === 'expire' ? 'remove' : 'update', key);
    }
  }

  #say(event: 'update' | 'remove', key: string): void {
    if (!this.#signal.aborted) this.#listener(event, key);
  }
}
