import { setMaxListeners } from 'node:events';
import type { KvcClient } from '../client/library/kvcClient.js';
import type { ConnectOptions } from '../client/library/options.js';
import { NodeClient } from '../client/nodeClient.js';
import type { LinkEffectJson } from '../cluster/controlApi.js';
import { unknownNode } from '../cluster/faultTable.js';
import { isCalled } from '../cluster/nodeNames.js';
import { KvcError } from '../errors.js';
import { parseGroups } from '../notation/parseGroups.js';
import { parseLink, parseTarget } from '../notation/parseTarget.js';
import type { InspectResponseJson } from '../protocol/inspectApi.js';
import { describeReceived } from '../protocol/fields.js';
import { limits } from '../protocol/limits.js';
import { awaitConvergence } from './awaitConvergence.js';
import type { SettledOptions } from './clusterOptions.js';
import { delayEffect, requireText, shareEffect, termsOf, wholeMs, type ShareKind } from './faultRequests.js';
import type { NodeGroup } from './nodeGroup.js';
import type { ConvergedOptions, FaultOptions, TestCluster, TestNode } from './testCluster.js';

const convergedMsDefault = 10_000;
const convergedMsMax = 3_600_000;

/** What a test asks, for a group of nodes wherever they run. */
export class ClusterUnderTest implements TestCluster {
  readonly mode: TestCluster['mode'];
  readonly seed: number;
  readonly nodes: readonly TestNode[];
  readonly urls: readonly string[];
  readonly #group: NodeGroup;
  readonly #closed = new AbortController();
  #faultsMade = 0;
  #closing: Promise<void> | undefined;

  constructor({ mode, seed }: SettledOptions, group: NodeGroup) {
    this.mode = mode;
    this.seed = seed;
    this.nodes = group.nodes.map(({ name, url, resp_port }) => ({ name, url, respPort: resp_port }));
    this.urls = this.nodes.map(({ url }) => url);
    this.#group = group;
    // Every client waits for it.
    setMaxListeners(0, this.#closed.signal);
  }

  async connect({ signal, ...options }: Omit<ConnectOptions, 'nodes'> = {}): Promise<KvcClient> {
    this.#requireOpen();
    const closed = this.#closed.signal;
    const ended = signal === undefined ? closed : AbortSignal.any([closed, signal]);
    // It takes longer to load than the nodes take to start, and not every test wants it.
    const { connect } = await import('../client/library/connect.js');
    return connect({ ...options, nodes: this.urls, signal: ended });
  }

  delay(target: string, delay: string | number, options?: FaultOptions): Promise<void> {
    return this.#fault('delay', target, () => delayEffect(delay), options);
  }

  drop(target: string, share: string, options?: FaultOptions): Promise<void> {
    return this.#share('drop', target, share, options);
  }

  duplicate(target: string, share: string, options?: FaultOptions): Promise<void> {
    return this.#share('duplicate', target, share, options);
  }

  reorder(target: string, share: string, options?: FaultOptions): Promise<void> {
    return this.#share('reorder', target, share, options);
  }

  hold(target: string, options?: FaultOptions): Promise<void> {
    return this.#fault('hold', target, () => ({ kind: 'hold' }), options);
  }

  async step(link: string, count = 1): Promise<void> {
    this.#requireOpen();
    const { source, target } = parseLink(requireText(link, 'a link', 'node1:node3'), this);
    await this.#client(source).step(target, count);
  }

  release(target: string): Promise<void> {
    return this.#fault('hold', target, () => 'off');
  }

  async partition(...groups: readonly (readonly string[])[]): Promise<void> {
    this.#requireOpen();
    const words = groups.map((group) => requireNames(group).join(','));
    const fault = { kind: 'partition', groups: parseGroups(words, this), for_ms: null } as const;
    await this.#group.faults.add({ ...fault, seed: this.#nextSeed() });
  }

  async heal(): Promise<void> {
    this.#requireOpen();
    await this.#group.faults.clear({});
  }

  async kill(node: string): Promise<void> {
    await this.#group.kill(this.#nameOf(node));
  }

  async restart(node: string): Promise<void> {
    await this.#group.restart(this.#nameOf(node));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- fails like the others, by its promise
  async pause(node: string): Promise<void> {
    this.#group.pause(this.#nameOf(node));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- fails like the others, by its promise
  async resume(node: string): Promise<void> {
    this.#group.resume(this.#nameOf(node));
  }

  async converged({ timeout = convergedMsDefault }: ConvergedOptions = {}): Promise<void> {
    this.#requireOpen();
    await awaitConvergence(this.#group, wholeMs(timeout, convergedMsMax), this.#closed.signal);
  }

  async inspect(node: string): Promise<InspectResponseJson> {
    return this.#client(this.#nameOf(node)).inspect();
  }

  close(): Promise<void> {
    this.#closed.abort(closedError());
    this.#closing ??= this.#group.close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For the notation of targets. */
  resolveNode(text: string): TestNode {
    const found = this.nodes.find(({ name }) => isCalled(name, text));
    if (found !== undefined) return found;
    const names = this.nodes.map(({ name }) => name);
    throw unknownNode(text, names);
  }

  #nameOf(node: string): string {
    this.#requireOpen();
    return this.resolveNode(requireText(node, 'a node', 'node1')).name;
  }

  #client(name: string): NodeClient {
    return new NodeClient(this.resolveNode(name));
  }

  #share(kind: ShareKind, target: string, share: string, options?: FaultOptions): Promise<void> {
    return this.#fault(kind, target, () => shareEffect(kind, share), options);
  }

  async #fault(
    kind: LinkEffectJson['kind'],
    text: string,
    read: () => LinkEffectJson | 'off',
    options: FaultOptions = {},
  ): Promise<void> {
    this.#requireOpen();
    const target = parseTarget(requireText(text, 'a target', 'node3, node1:node3 or all'), this);
    const effect = read();
    const { faults } = this.#group;
    if (effect === 'off') await faults.clear({ kind, target, both: options.both ?? false });
    else await faults.add({ ...effect, target, ...termsOf(options, this.#nextSeed()) });
  }

  /** One for each fault, in the order in which they are made. */
  #nextSeed(): number {
    const seed = (this.seed + this.#faultsMade) % (limits.faultSeedMax + 1);
    this.#faultsMade += 1;
    return seed;
  }

  #requireOpen(): void {
    if (this.#closed.signal.aborted) throw closedError();
  }
}

function requireNames(group: unknown): readonly string[] {
  if (Array.isArray(group)) return group.map((name) => requireText(name, 'a node', 'node1'));
  throw new KvcError(
    'KVC_E_USAGE',
    `a group must be an array such as ['node1'], received ${describeReceived(group)}`,
  );
}

function closedError(): KvcError {
  return new KvcError('KVC_E_CLOSED', 'the cluster was closed');
}
