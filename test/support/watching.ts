import { onTestFinished } from 'vitest';
import { NodeWatch, type WatchedEvent, type WatchNodeOptions } from '../../src/client/watchNode.js';
import { asKvcError, type KvcError } from '../../src/errors.js';
import type { WatchChangeJson, WatchStateJson } from '../../src/protocol/watchApi.js';
import { until } from './until.js';

/** A watch of a node, and all that came of it so far. It ends with the test. */
export class Watching {
  readonly events: WatchedEvent[] = [];
  readonly #watch: NodeWatch;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #failure: KvcError | undefined;

  constructor(
    node: { readonly name: string; readonly url: string },
    options: Omit<WatchNodeOptions, 'signal'> = {},
  ) {
    this.#watch = new NodeWatch(node, { ...options, signal: this.#stopping.signal });
    this.#ended = this.#run();
    onTestFinished(() => this.stop());
  }

  get cursor(): string {
    return this.#watch.cursor ?? '';
  }

  get failure(): KvcError | undefined {
    return this.#failure;
  }

  get changes(): WatchChangeJson[] {
    return this.events.flatMap((event) => (event.kind === 'change' ? [event.data] : []));
  }

  get states(): WatchStateJson[] {
    return this.events.flatMap((event) => (event.kind === 'state' ? [event.data] : []));
  }

  /** `node1:7`, of each change. */
  get dots(): string[] {
    return this.changes.map(({ dot }) => `${dot.node}:${dot.counter}`);
  }

  /** What happened, in a word each. */
  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  async ready(times = 1): Promise<this> {
    await this.until(`ready ${times}`, () => this.kinds.filter((kind) => kind === 'ready').length >= times);
    return this;
  }

  async changed(count: number): Promise<this> {
    await this.until(`${count} changes`, () => this.changes.length >= count);
    return this;
  }

  /** @throws at once what the watch failed with */
  async until(what: string, probe: () => boolean): Promise<void> {
    await until(what, () => probe() || this.#failure !== undefined);
    if (!probe()) throw this.#failure ?? new Error(what);
  }

  /** Resolves with the error that ended it. */
  async failed(): Promise<KvcError> {
    return until('the watch fails', () => this.#failure);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    try {
      for await (const event of this.#watch.events()) this.events.push(event);
    } catch (error) {
      this.#failure = asKvcError(error);
    }
  }
}
