import { asKvcError, KvcError } from '../../errors.js';
import { requireKeyText } from '../../protocol/keys.js';
import { callFailure, isForAnother, type FailedAttempt } from './callFailure.js';
import { openScope, type CallScope } from './callScope.js';
import type { ClientParts } from './clientParts.js';
import type { KnownNode } from './knownNode.js';
import type { WatchOptions } from './options.js';
import { gaveUp } from '../unreachable.js';
import { NodeWatch, watchHeaders, type OpenWatch, type WatchNodeOptions } from '../watchNode.js';
import { watchedEvent, type Watched } from './watchedEvent.js';
import type { WatchEvent } from './watchEvents.js';

/** Of the client's deadline of calls: for how long a watch that gets nothing looks for a node that serves it. */
const patience = 6;
const pauseMsFirst = 50;
const pauseMsMax = 1000;
/** How long a node may take to begin. */
const beginMsMax = 2000;

/** A watch that goes on at another node when its node fails. Each iteration is a watch of its own, from where the options say. */
export class Watching<Value> implements AsyncIterable<WatchEvent<Value>> {
  readonly #parts: ClientParts;
  readonly #prefix: string;
  readonly #options: WatchOptions;

  /** @throws KvcError KVC_E_KEY_INVALID */
  constructor(parts: ClientParts, prefix: string, options: WatchOptions) {
    requireKeyText(prefix, 'prefix');
    this.#parts = parts;
    this.#prefix = prefix;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<Value>, void, undefined> {
    const { lifetime, timeoutMs, session } = this.#parts;
    const terms = { timeoutMs: timeoutMs * patience, signal: this.#options.signal, lifetime };
    const { scope, close } = openScope(terms);
    try {
      for await (const watched of this.#resuming(scope)) {
        if (watched.session !== undefined) session.advance(watched.session);
        yield watched.event;
      }
    } finally {
      close();
      scope.end(new Error('the watch has ended'));
    }
  }

  async *#resuming(scope: CallScope): AsyncGenerator<Watched<Value>, void, undefined> {
    let from = this.#options.from;
    const { codec, session } = this.#parts;
    const search = new NodeSearch(this.#parts, this.#options.node, scope);
    for (;;) {
      const known = await search.next();
      let watch: NodeWatch | undefined;
      try {
        const name = await this.#nameOf(known, scope);
        watch = new NodeWatch({ name, url: known.url }, this.#terms(from, scope), openAt(known));
        for await (const sent of watch.events()) {
          search.found(known);
          yield watchedEvent<Value>(codec, sent, { node: name, token: session.token });
        }
        // It ends without an error only when its signal is aborted.
        throw this.#givenUp(scope);
      } catch (error) {
        if (scope.signal.aborted) throw this.#givenUp(scope);
        search.failed(known, asKvcError(error));
      }
      from = watch?.cursor ?? from;
    }
  }

  #terms(from: string | undefined, { signal }: CallScope): WatchNodeOptions {
    return { prefix: this.#prefix, from, signal };
  }

  /** @throws KvcError KVC_E_NODE_UNKNOWN if it is not the one that was asked for */
  async #nameOf(known: KnownNode, { signal }: CallScope): Promise<string> {
    const { name } = await known.client(this.#parts.nodes.clusterId, {
      signal,
      requestTimeoutMs: beginMsMax,
    });
    const wanted = this.#options.node ?? this.#parts.pinned;
    if (wanted === undefined || wanted === name) return name;
    throw new KvcError('KVC_E_NODE_UNKNOWN', `the node at ${known.url} is ${name}, not ${wanted}`);
  }

  #givenUp(scope: CallScope): KvcError {
    if (this.#parts.lifetime.isOver) return new KvcError('KVC_E_CLOSED', 'the client was closed');
    return gaveUp(scope.signal.reason);
  }
}

function openAt({ label, sender }: KnownNode): OpenWatch {
  return (url, { silenceMsMax, ...terms }) =>
    sender.stream({ url, headers: watchHeaders, timeoutMs: beginMsMax, peer: label, ...terms }, silenceMsMax);
}

/** Which node to watch at next, until there has been nothing for too long. */
class NodeSearch {
  readonly #parts: ClientParts;
  readonly #node: string | undefined;
  readonly #scope: CallScope;
  #untried: KnownNode[] = [];
  #failures: FailedAttempt[] = [];
  #rounds = 0;
  /** When the first of the failures was since there was an event. */
  #failingSinceMs = Infinity;

  constructor(parts: ClientParts, node: string | undefined, scope: CallScope) {
    this.#parts = parts;
    this.#node = node ?? parts.pinned;
    this.#scope = scope;
  }

  /** @throws KvcError the failures, when it has taken too long */
  async next(): Promise<KnownNode> {
    const node = this.#untried.shift();
    if (node !== undefined) return node;
    if (performance.now() - this.#failingSinceMs > this.#scope.timeoutMs)
      throw callFailure(this.#failures, false);
    if (this.#rounds > 0)
      await this.#scope.pause(Math.min(pauseMsMax, pauseMsFirst * 2 ** (this.#rounds - 1)));
    this.#rounds += 1;
    const { nodes } = this.#parts;
    this.#failures = this.#failures.slice(-16);
    this.#untried = [...(this.#node === undefined ? nodes.inOrder() : nodes.named(this.#node))];
    return this.next();
  }

  found(node: KnownNode): void {
    node.trust();
    // Also after success there is a pause: a node could fail again and again at once.
    this.#rounds = 1;
    this.#failures = [];
    this.#failingSinceMs = Infinity;
    this.#untried = [];
  }

  /** @throws KvcError the failure, if another node would say the same */
  failed(node: KnownNode, error: KvcError): void {
    if (!isForAnother(error)) throw error;
    if (error.code !== 'KVC_E_WATCH_LOST') node.avoid();
    this.#failingSinceMs = Math.min(this.#failingSinceMs, performance.now());
    this.#failures.push({ node: node.label, error });
  }
}
