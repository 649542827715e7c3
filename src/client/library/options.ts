import type { Codec } from './codec.js';
import type { Entry } from './entry.js';

/**
 * How to find a cluster, and how to behave towards it.
 *
 * @example
 * ```ts
 * const client = await connect({ nodes: ['http://127.0.0.1:7101'], timeout: 2000 });
 * ```
 */
export interface ConnectOptions {
  /**
   * The nodes: URLs such as `http://127.0.0.1:7101`. Default: the environment variable KVC_NODES, which `kvc run` sets
   * (URLs with commas between them).
   */
  readonly nodes?: readonly string[];
  /** Go on with a session: the token that another client, process or language had. Default: a new session. */
  readonly session?: string;
  /** Deadline of each call in ms, fail-over included. Default 5000. */
  readonly timeout?: number;
  /** Aborts the connecting, and closes the client when it is aborted later. */
  readonly signal?: AbortSignal;
  /** How values become bytes and back. Default: JSON, while strings and `Uint8Array` stay what they are. */
  readonly codec?: Codec;
}

/** What every call takes. */
export interface CallOptions {
  /** Gives the call up: KVC_E_ABORTED. A write may have happened then. */
  readonly signal?: AbortSignal;
  /** Deadline of the call in ms, fail-over included. Default: that of the client. */
  readonly timeout?: number;
  /** Ask this node and no other. Default: whichever answers, the last one that did first. */
  readonly node?: string;
}

export interface WriteCallOptions extends CallOptions {
  /** At how many nodes the write must be durable before it is acknowledged, the one asked included. Default 1. */
  readonly replicas?: number;
  /**
   * Write only if the node holds no version of the key that the writer has not seen: `ifContext` is what it has seen, an
   * entry that it read or a token. Causal, not linearizable: two nodes may both accept, and the result is siblings.
   */
  readonly ifContext?: Entry | string;
  /** Write only if no key that is written has a value at the node. Causal, not linearizable: two nodes may both create it. */
  readonly create?: boolean;
}

export interface SetOptions extends WriteCallOptions {
  /** After how many ms the value expires; counted from when the node receives it. Default: never. */
  readonly ttlMs?: number;
}

export interface ListOptions extends CallOptions {
  /** Only keys that start with it. Default: all. */
  readonly prefix?: string;
  /** How many entries at most. Default: all. */
  readonly limit?: number;
  /** Go on behind an earlier listing. */
  readonly cursor?: string | undefined;
}

/** What a watch takes. */
export interface WatchOptions extends Pick<CallOptions, 'signal' | 'node'> {
  /** Go on behind this event or token: `event.cursor`, a session token, or `new` for all that the log still tells. Default: from now. */
  readonly from?: string;
}

export interface ResolveOptions extends CallOptions {
  /** At how many nodes the write must be durable before it is acknowledged, the one asked included. Default 1. */
  readonly replicas?: number;
  /** How often it is tried again when the key changes meanwhile. Default 10. */
  readonly attempts?: number;
}
