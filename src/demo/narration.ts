import type { NodeClient } from '../client/nodeClient.js';
import { KvcError } from '../errors.js';
import type { ClocksByNode, DemoEvent, Tone } from './report.js';

const requestTimeoutMs = 1000;

/** Tells what happens, step by step: the command that one would type, what it did, and the clocks that result. */
export class Narration {
  readonly #nodes: readonly NodeClient[];
  readonly #tell: (event: DemoEvent) => void;
  #number = 0;

  constructor(nodes: readonly NodeClient[], tell: (event: DemoEvent) => void) {
    this.#nodes = nodes;
    this.#tell = tell;
  }

  async step<T>(command: string, play: () => Promise<T>): Promise<T> {
    this.#number += 1;
    this.#tell({ kind: 'step', number: this.#number, command });
    const result = await play();
    this.#tell({ kind: 'clocks', clocks: await this.#clocks() });
    return result;
  }

  effect(text: string, tone: Tone = 'plain'): void {
    this.#tell({ kind: 'effect', text, tone });
  }

  remark(text: string): void {
    this.#tell({ kind: 'remark', text });
  }

  progress(text: string): void {
    this.#tell({ kind: 'progress', text });
  }

  check(claim: string, holds: boolean, observed: string): void {
    this.#tell({ kind: 'check', check: { claim, holds, observed } });
  }

  async #clocks(): Promise<ClocksByNode> {
    const entries = this.#nodes.map(async (node) => [node.name, await clockOf(node)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }
}

async function clockOf(node: NodeClient) {
  try {
    return (await node.clock({ requestTimeoutMs })).clock;
  } catch (error) {
    // Scenarios kill nodes; what else fails shows in the steps.
    if (error instanceof KvcError) return null;
    throw error;
  }
}
