import { asKvcError, KvcError } from '../../errors.js';
import type { CallScope } from './callScope.js';
import { foreignNode, type KnownNode } from './knownNode.js';

/** How long those that have not answered yet are waited for when one has, in ms. */
const graceMs = 250;
const pauseMs = 100;
/** How long one that does not answer is waited for before all are asked again, in ms. */
const attemptMsMax = 2000;

/**
 * Asks all nodes who they are until at least one has answered.
 * @returns the id of their cluster
 * @throws KvcError KVC_E_NODE_UNREACHABLE when none answers in time, KVC_E_CLUSTER_FOREIGN when they are of different clusters
 */
export async function meetNodes(nodes: readonly KnownNode[], scope: CallScope): Promise<string> {
  for (;;) {
    const meeting = new Meeting(nodes, scope);
    const clusterId = await meeting.result();
    scope.requireWanted();
    if (clusterId !== undefined) return clusterId;
    if (scope.remainingMs <= pauseMs) throw nobodyAnswers(meeting.failures);
    await scope.pause(pauseMs);
  }
}

class Meeting {
  readonly failures: { node: string; error: KvcError }[] = [];
  readonly #met: { url: string; clusterId: string }[] = [];
  readonly #all: Promise<unknown>;
  readonly #first: Promise<unknown>;
  readonly #scope: CallScope;

  constructor(nodes: readonly KnownNode[], scope: CallScope) {
    this.#scope = scope;
    const requestTimeoutMs = Math.max(1, Math.min(attemptMsMax, Math.floor(scope.remainingMs)));
    const each = nodes.map(async (node) => {
      const clusterId = await node.meet({ signal: scope.signal, requestTimeoutMs });
      this.#met.push({ url: node.url, clusterId });
    });
    const noted = each.map((meeting, index) =>
      meeting.catch((thrown: unknown) => {
        this.failures.push({ node: nodes[index]?.url ?? '', error: asKvcError(thrown) });
      }),
    );
    this.#first = Promise.any(each).catch(() => undefined);
    this.#all = Promise.all(noted);
  }

  /** @returns undefined when nobody answered */
  async result(): Promise<string | undefined> {
    await this.#first;
    const [one] = this.#met;
    if (one === undefined) return undefined;
    await this.#othersWithin(graceMs);
    this.#scope.requireWanted();
    const foreign = this.#met.find(({ clusterId }) => clusterId !== one.clusterId);
    if (foreign !== undefined) throw foreignNode(foreign.url, foreign.clusterId, one.clusterId);
    return one.clusterId;
  }

  async #othersWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const time = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([this.#all, time]);
    clearTimeout(timer);
  }
}

function nobodyAnswers(failures: readonly { node: string; error: KvcError }[]): KvcError {
  const attempts = failures.map(({ node, error }) => ({ node, code: error.code, message: error.message }));
  const each = failures.map(({ error }) => error.message).join('; ');
  return new KvcError('KVC_E_NODE_UNREACHABLE', `no node of the cluster answered: ${each}`, { attempts });
}
