import type { Batch } from './batch.js';
import type { Codec } from './codec.js';
import type { Counted, Entry, KeyVersion, Written } from './entry.js';
import type {
  CallOptions,
  ListOptions,
  ResolveOptions,
  SetOptions,
  WatchOptions,
  WriteCallOptions,
} from './options.js';
import type { WatchEvent } from './watchEvents.js';

/**
 * A client, which is a causal session across all nodes of its cluster: it reads its own writes, never goes back in time, and
 * what it writes comes after what it has seen, whichever node it asks.
 *
 * A call asks the node that answered last. A node that is dead, hangs or is behind is left for another one within the deadline of
 * the call (`timeout`, default 5000 ms). A write has a request id, so that it is done once, however often it is sent.
 *
 * Every call may throw, besides what it says itself, a KvcError with one of these codes. `error.definite` tells that nothing
 * happened, `error.retryable` that it may succeed later; where nodes were asked, `error.facts.attempts` lists them with what each said.
 *
 * | Code | When |
 * |---|---|
 * | KVC_E_DEPS_TIMEOUT | no node had delivered in time what the session has seen; `facts.missing` are dots, `facts.node` is behind |
 * | KVC_E_NODE_UNREACHABLE | no node answered; indefinite: a write may have happened |
 * | KVC_E_NODE_DOWN | no node took a connection; definite |
 * | KVC_E_NODE_UNKNOWN | no node has the name that was asked for |
 * | KVC_E_NOT_READY, KVC_E_OVERLOADED, KVC_E_DISK_FULL | nodes are starting, too busy or full; definite |
 * | KVC_E_ABORTED | the signal was aborted, or the client closed, during the call; a write may have happened |
 * | KVC_E_CLOSED | the client was closed before |
 * | KVC_E_KEY_INVALID | a key is empty, longer than 1024 bytes of UTF-8, or not well-formed text |
 * | KVC_E_BAD_REQUEST | an option is not what it must be, or there is none of that name |
 *
 * @example
 * ```ts
 * await using client = await connect({ nodes: ['http://127.0.0.1:7101', 'http://127.0.0.1:7102'] });
 * await client.set('photo', 'beach', { node: 'node1' });
 * const { value } = await client.get('photo', { node: 'node2' }); // 'beach': node2 waits until it has it
 * ```
 */
export interface KvcClient {
  /**
   * What the session has seen. Opaque text, safe in a header: give it to another process, request or language to go on there.
   * It is what the HTTP API has in the header `kvc-session`.
   *
   * @example
   * ```ts
   * response.setHeader('kvc-session', client.token);
   * ```
   */
  readonly token: string;

  /**
   * Reads a key.
   *
   * @returns an entry with value undefined if the key has none
   * @throws KvcError KVC_E_CODEC when the codec cannot read what is stored
   *
   * @example
   * ```ts
   * const { value, siblings } = await client.get<{ name: string }>('user:1');
   * ```
   */
  get<Value = unknown>(key: string, options?: CallOptions): Promise<Entry<Value>>;

  /**
   * Reads up to 1024 keys as of one instant of one node: of a batch all or nothing.
   *
   * @returns an entry per key, in their order
   * @throws KvcError KVC_E_CODEC; KVC_E_MESSAGE_TOO_LARGE for too many keys, or values of more than 64 MiB together
   *
   * @example
   * ```ts
   * const [from, to] = await client.getMany<number>(['account:1', 'account:2']);
   * ```
   */
  getMany<Value = unknown>(keys: readonly string[], options?: CallOptions): Promise<Entry<Value>[]>;

  /**
   * Writes a value. It replaces all versions of the key that the session has seen; others stay beside it, as siblings. Resolves when it
   * is durable at the node (at `replicas` nodes) and visible there.
   *
   * @throws KvcError KVC_E_CODEC or KVC_E_VALUE_TOO_LARGE (beyond 1 MiB); KVC_E_CONDITION_FAILED, with `facts.versions` as the HTTP
   * API has them; KVC_E_TYPE_MISMATCH where the key is a counter or a set; KVC_E_NOT_DURABLE, indefinite, when fewer than
   * `replicas` nodes had it in time
   *
   * @example
   * ```ts
   * await client.set('login:42', { user: 'ada' }, { ttlMs: 3_600_000, replicas: 2 });
   * ```
   */
  set(key: string, value: unknown, options?: SetOptions): Promise<Written>;

  /**
   * Deletes a key of any type: all versions that the session has seen. A write that is concurrent stays.
   *
   * @throws KvcError KVC_E_CONDITION_FAILED or KVC_E_NOT_DURABLE, as `set` does
   *
   * @example
   * ```ts
   * await client.delete('login:42');
   * ```
   */
  delete(key: string, options?: WriteCallOptions): Promise<Written>;

  /**
   * Adds to a counter; a key that has no value becomes one, from 0. Concurrent changes add up. Where it is unknown whether a node did it,
   * that node alone is asked again, until the deadline: only there it is certain to be done once.
   *
   * @param by - an integer other than 0; default 1
   * @throws KvcError KVC_E_TYPE_MISMATCH where the key is no counter; KVC_E_COUNTER_RANGE beyond 2^53 - 1; KVC_E_CONDITION_FAILED;
   * KVC_E_NOT_DURABLE
   *
   * @example
   * ```ts
   * const { value } = await client.increment('visits');
   * ```
   */
  increment(key: string, by?: number, options?: WriteCallOptions): Promise<Counted>;

  /**
   * Subtracts from a counter; otherwise as `increment`.
   *
   * @param by - an integer other than 0; default 1
   * @throws KvcError what `increment` throws
   *
   * @example
   * ```ts
   * await client.decrement('stock:book', 2);
   * ```
   */
  decrement(key: string, by?: number, options?: WriteCallOptions): Promise<Counted>;

  /**
   * Adds members to a set; a key that has no value becomes one. Members are text or bytes, and are not encoded by the codec: bytes that are
   * UTF-8 are the same member as that text. An addition wins over a concurrent removal.
   *
   * @throws KvcError KVC_E_TYPE_MISMATCH where the key is no set; KVC_E_CODEC for a member that is neither text nor bytes;
   * KVC_E_VALUE_TOO_LARGE; KVC_E_CONDITION_FAILED; KVC_E_NOT_DURABLE
   *
   * @example
   * ```ts
   * await client.add('cart:7', ['book', 'pen']);
   * const { value } = await client.get<string[]>('cart:7'); // ['book', 'pen']
   * ```
   */
  add(key: string, members: readonly (string | Uint8Array)[], options?: WriteCallOptions): Promise<Written>;

  /**
   * Removes members from a set: what the node has of them. An addition that is concurrent stays.
   *
   * @throws KvcError what `add` throws
   *
   * @example
   * ```ts
   * await client.remove('cart:7', ['pen']);
   * ```
   */
  remove(
    key: string,
    members: readonly (string | Uint8Array)[],
    options?: WriteCallOptions,
  ): Promise<Written>;

  /**
   * Begins a batch: up to 1024 writes, of keys and values of up to 4 MiB together, which are one update.
   *
   * @example
   * ```ts
   * await client.batch().set('account:1', 90).set('account:2', 110).delete('transfer:5').commit();
   * ```
   */
  batch(): Batch;

  /**
   * Lists entries in the order of the UTF-8 bytes of their keys, a page of up to 100 at a time. Each page is of one instant; between
   * pages keys may come and go.
   *
   * @throws KvcError KVC_E_BAD_REQUEST or KVC_E_KEY_INVALID at once for wrong options; what `get` throws while it is iterated
   *
   * @example
   * ```ts
   * for await (const { key, value } of client.list({ prefix: 'user:' })) console.log(key, value);
   * ```
   */
  list<Value = unknown>(options?: ListOptions): KeyListing<Value>;

  /**
   * Watches what happens to keys with a prefix, in an order that respects causality. Where its node fails it goes on at another
   * one, behind what was taken last; so an event may come twice, and its dot tells. A consumer that is slow slows down its node, which
   * ends a watch that takes nothing for too long; then it goes on in the same way. A node that hangs is left after 40 s, for it gives
   * a sign of life every 15 s. What the session has taken, it has seen. Each iteration
   * is a watch of its own; leaving the loop ends it.
   *
   * @throws KvcError KVC_E_KEY_INVALID or KVC_E_BAD_REQUEST at once for a wrong prefix or option. While it is iterated: KVC_E_TOKEN_INVALID or KVC_E_TOKEN_FOREIGN for
   * `from`; KVC_E_CODEC; KVC_E_ABORTED; KVC_E_CLOSED; or the last failure, when no node has served it for six times the `timeout` of the client
   *
   * @example
   * ```ts
   * for await (const event of client.watch<string>('chat:', { from: 'new' })) {
   *   if (event.kind !== 'change') continue;
   *   for (const write of event.writes) if (write.kind === 'put') console.log(write.key, write.value);
   * }
   * ```
   */
  watch<Value = unknown>(prefix: string, options?: WatchOptions): AsyncIterable<WatchEvent<Value>>;

  /**
   * All versions of a key, the winner first: what concurrent writes have left there.
   *
   * @returns nothing for a key that was never written; of a deleted key a version with value undefined
   * @throws KvcError KVC_E_CODEC
   *
   * @example
   * ```ts
   * for (const { value, dot } of await client.siblings('profile')) console.log(dot.node, value);
   * ```
   */
  siblings<Value = unknown>(key: string, options?: CallOptions): Promise<KeyVersion<Value>[]>;

  /**
   * Replaces all versions of a key by one, on the condition that nothing was added meanwhile; otherwise it begins again and `merge` is
   * called again. Where there are no siblings nothing is written. The deadline is for all of it.
   *
   * @param merge - from all versions, the winner first, to the value that takes their place. A deleted one has value undefined
   * @returns the entry as it is then
   * @throws KvcError KVC_E_CONDITION_FAILED when the key changed as often as it may be tried; what `get` and `set` throw; and what
   * `merge` throws
   *
   * @example
   * ```ts
   * await client.resolve<string[]>('cart', (versions) => [...new Set(versions.flatMap(({ value }) => value ?? []))]);
   * ```
   */
  resolve<Value = unknown>(
    key: string,
    merge: (siblings: readonly KeyVersion<Value>[]) => Value | Promise<Value>,
    options?: ResolveOptions,
  ): Promise<Entry<Value>>;

  /**
   * The same session, always at one node. The option `node` of a call still says otherwise. That no node has the name shows at the
   * first call.
   *
   * @throws KvcError KVC_E_CLOSED; KVC_E_BAD_REQUEST for what is no name
   *
   * @example
   * ```ts
   * const { value } = await client.at('node2').get('photo');
   * ```
   */
  at(node: string): KvcClient;

  /**
   * The same session, whose values become bytes and back by another codec.
   *
   * @throws KvcError KVC_E_CLOSED
   *
   * @example
   * ```ts
   * const raw = client.withCodec(bytesCodec);
   * await raw.set('image', await readFile('image.png'));
   * ```
   */
  withCodec(codec: Codec): KvcClient;

  /**
   * A session of its own, over the same connections, that has seen what this one has; or, with a token, what that has. `new` stands for
   * nothing at all. It is cheap: have one per user or request.
   *
   * @throws KvcError KVC_E_TOKEN_INVALID, KVC_E_TOKEN_FOREIGN or KVC_E_CLOSED
   *
   * @example
   * ```ts
   * const session = client.session(request.headers['kvc-session'] ?? 'new');
   * ```
   */
  session(token?: string): KvcClient;

  /**
   * Lets the session have seen what the token has, too: reads and writes then come after that.
   *
   * @throws KvcError KVC_E_TOKEN_INVALID or KVC_E_TOKEN_FOREIGN; then nothing changes
   *
   * @example
   * ```ts
   * client.advance(message.token); // what its sender had seen is there when we read
   * ```
   */
  advance(token: string): void;

  /**
   * Ends the client: calls and watches under way fail, later ones are refused. The client of `connect` ends its connections and all that
   * was made from it by `at` and `session`; one that was made ends only itself. To close twice does nothing. An idle client does not
   * keep a process alive, so a program that only ends need not close it.
   *
   * @example
   * ```ts
   * await client.close();
   * ```
   */
  close(): Promise<void>;

  /**
   * The same as `close`.
   *
   * @example
   * ```ts
   * await using client = await connect();
   * ```
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Entries in the order of their keys. Each iteration begins anew where the options say.
 *
 * @example
 * ```ts
 * const page = client.list({ prefix: 'user:', limit: 20 });
 * for await (const { key } of page) console.log(key);
 * const next = client.list({ prefix: 'user:', limit: 20, cursor: page.cursor });
 * ```
 */
export interface KeyListing<Value = unknown> extends AsyncIterable<Entry<Value>> {
  /** To go on behind the last entry that was taken, at any node; undefined when there are no more. */
  readonly cursor: string | undefined;
}
