import { loadForkNode, type ForkedNode } from '../cluster/forkedNode.js';
import type { ForkNodeIn } from '../cluster/temporaryCluster.js';
import type { ErrorCode } from '../errors.js';

const ownExtension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** Forks nodes whose wall clock can be set, and knows the process of each, and which of them nobody had ended. */
export class TrackedForks {
  readonly fork: ForkNodeIn;
  /** How processes ended that nobody had told to, for people. */
  readonly unasked: string[] = [];
  readonly #alive = new Map<string, ForkedNode>();

  private constructor(fork: ForkNodeIn) {
    this.fork = fork;
  }

  /** @param skewFileOf - where, in a cluster's directory, the node of a name finds by how much its clock is wrong */
  static async load(skewFileOf: (dir: string, node: string) => string): Promise<TrackedForks> {
    const forkNode = await loadForkNode();
    const preload = new URL(`./skewedClock${ownExtension}`, import.meta.url).href;
    const forks: TrackedForks = new TrackedForks((options, dir) => {
      const { entry, config } = options;
      const skewed = `${preload}?file=${encodeURIComponent(skewFileOf(dir, config.self))}`;
      const execArgv = [...entry.execArgv, '--import', skewed];
      return forks.#track(config.self, forkNode({ ...options, entry: { ...entry, execArgv } }));
    });
    return forks;
  }

  /** SIGKILL, of which the supervisor learns as of any crash. @returns false if the node has no process */
  crash(node: string): boolean {
    const forked = this.#alive.get(node);
    forked?.signal('SIGKILL');
    return forked !== undefined;
  }

  /** @returns the node, which from then on remembers whether it was told to end */
  #track(node: string, forked: ForkedNode): ForkedNode {
    let isAsked = false;
    let hasServed = false;
    const signal = (name: NodeJS.Signals): void => {
      isAsked ||= name === 'SIGKILL';
      forked.signal(name);
    };
    const requestStop = (): void => {
      isAsked = true;
      forked.requestStop();
    };
    const tracked = { ...forked, signal, requestStop };
    this.#alive.set(node, tracked);
    forked.ready.then(
      () => (hasServed = true),
      () => undefined,
    );
    void forked.exited.then(({ how, code }) => {
      if (this.#alive.get(node) === tracked) this.#alive.delete(node);
      if (!isAsked && isUnexpected(hasServed, code)) this.unasked.push(`${node} ${how}`);
    });
    return tracked;
  }
}

/** A node ends by itself when it was removed; and one that cannot start yet, as while the others are away, says why. */
function isUnexpected(hasServed: boolean, code: ErrorCode | undefined): boolean {
  return code === undefined || (hasServed && code !== 'KVC_E_REMOVED');
}
