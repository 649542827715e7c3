import { KvcError } from '../../src/errors.js';
import type { DotJson } from '../../src/protocol/api.js';

/** A node as a storm needs it. */
export interface Writer {
  readonly name: string;
  write(key: string, value: string): Promise<{ readonly dot: DotJson }>;
}

/** A write that was acknowledged. */
export interface Acknowledged {
  readonly key: string;
  readonly value: string;
  /** `node1:7` */
  readonly dot: string;
}

export function acknowledgedOf(key: string, value: string, { node, counter }: DotJson): Acknowledged {
  return { key, value, dot: `${node}:${counter}` };
}

/** Clients that write keys of their own at their nodes without pause, until they are told to stop. */
export class WriteStorm {
  readonly acknowledged: Acknowledged[] = [];
  /** Writes that got no answer: whether they happened is unknown. */
  unanswered = 0;
  /** Those of them that a node turned away which was starved of processor time: they certainly did not happen. */
  turnedAway = 0;
  /** What the first of the others failed with. */
  firstFailure: KvcError | undefined;
  readonly #name: string;
  readonly #writers: Promise<void>[];
  readonly #onWrite: (tookMs: number) => void;
  #stopped = false;

  /** @param onWrite - called after each acknowledgement, with how long that write took */
  constructor(
    name: string,
    nodes: readonly Writer[],
    writersPerNode: number,
    onWrite: (tookMs: number) => void = () => undefined,
  ) {
    this.#name = name;
    this.#onWrite = onWrite;
    this.#writers = nodes.flatMap((node) =>
      Array.from({ length: writersPerNode }, (_, index) => this.#write(node, index)),
    );
  }

  /** Begins no further write. */
  tellToStop(): void {
    this.#stopped = true;
  }

  /** Begins no further write, and awaits the end of those under way. */
  async stop(): Promise<void> {
    this.tellToStop();
    await Promise.all(this.#writers);
  }

  #failed(error: KvcError): void {
    this.unanswered += 1;
    if (error.code === 'KVC_E_OVERLOADED') this.turnedAway += 1;
    else this.firstFailure ??= error;
  }

  async #write(node: Writer, writer: number): Promise<void> {
    for (let turn = 1; !this.#stopped; turn += 1) {
      const key = `${this.#name}/${node.name}/${writer}/${turn}`;
      const value = `value of ${key}`;
      const beganMs = performance.now();
      try {
        const { dot } = await node.write(key, value);
        this.acknowledged.push(acknowledgedOf(key, value, dot));
        this.#onWrite(performance.now() - beganMs);
      } catch (error) {
        if (!(error instanceof KvcError)) throw error;
        this.#failed(error);
        // A node that is down refuses at once; its writers need not spin.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}
