import { pathToFileURL } from 'node:url';
import { entryPoint } from '../cluster/entryPoint.js';
import { loadForkNode, type ForkedNode, type ForkNode } from '../cluster/forkedNode.js';

/** Forks nodes whose wall clock can be set, and knows the process of each. */
export class TrackedForks {
  readonly fork: ForkNode;
  readonly #alive = new Map<string, ForkedNode>();

  private constructor(fork: ForkNode) {
    this.fork = fork;
  }

  /** @param skewFileOf - where the node of a name finds by how much its clock is wrong */
  static async load(skewFileOf: (node: string) => string): Promise<TrackedForks> {
    const forkNode = await loadForkNode();
    const preload = pathToFileURL(entryPoint('../torture/skewedClock').path).href;
    const forks: TrackedForks = new TrackedForks((options) => {
      const { entry, config } = options;
      const skewed = `${preload}?file=${encodeURIComponent(skewFileOf(config.self))}`;
      const execArgv = [...entry.execArgv, '--import', skewed];
      const forked = forkNode({ ...options, entry: { ...entry, execArgv } });
      forks.#track(config.self, forked);
      return forked;
    });
    return forks;
  }

  /** SIGKILL, of which the supervisor learns as of any crash. @returns false if the node has no process */
  crash(node: string): boolean {
    const forked = this.#alive.get(node);
    forked?.signal('SIGKILL');
    return forked !== undefined;
  }

  /** For the exit of this process: also one that is stopped, which could not notice that its supervisor is gone. */
  crashAll(): void {
    for (const forked of this.#alive.values()) forked.signal('SIGKILL');
  }

  #track(node: string, forked: ForkedNode): void {
    this.#alive.set(node, forked);
    void forked.exited.then(() => {
      if (this.#alive.get(node) === forked) this.#alive.delete(node);
    });
  }
}
