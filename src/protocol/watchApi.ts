/**
 * The events of GET /watch?prefix=&from=: server-sent events, in an order that respects causality. The id of each event is
 * its `cursor`: given back as `from`, or as the header Last-Event-ID, to any node of the cluster, the watch goes on behind it.
 * What a watcher is sent may be sent again after a failure; the dot tells.
 */
import type { DotJson, ReadEntryJson, ValueJson } from './api.js';

/** What an update did to one key. */
export type WatchedWriteJson = { readonly key: string } & (
  | ({ readonly kind: 'put'; readonly expires_at_ms?: number } & ValueJson)
  | { readonly kind: 'delete' }
  | { readonly kind: 'increment'; readonly amount: number }
  | ({ readonly kind: 'add' } & ValueJson)
  | ({ readonly kind: 'remove' } & ValueJson)
  /** The value with the dot `expired` is gone for good. */
  | { readonly kind: 'expire'; readonly expired: DotJson }
);

/** `event: change`: one update, with all of its writes whose key has the prefix. */
export interface WatchChangeJson {
  readonly dot: DotJson;
  readonly writes: readonly WatchedWriteJson[];
  /** Hybrid time of the write in ms since 1970: greater than that of everything it depends on. */
  readonly time_ms: number;
  /** A session token that has seen this update and no other. */
  readonly session: string;
  readonly cursor: string;
}

/**
 * `event: gap`: the node cannot tell all that happened since `from`, for its log no longer holds it. `state` events follow,
 * one for each key with the prefix, all of one instant; they end with a `ready`. Updates that the watcher had and that instant
 * does not contain are sent again after that.
 */
export interface WatchGapJson {
  /** Per replica id, the first and last of the updates that were missed. */
  readonly missed: Readonly<Record<string, readonly [number, number]>>;
}

/** `event: state`: what one key holds. Keys without a value are not among them: what a watcher has of others is gone. */
export interface WatchStateJson extends ReadEntryJson {
  /** A session token that has seen what the key holds, all versions of it, and nothing else. */
  readonly session: string;
}

/** `event: ready`: everything that the node had when the watch began, or when the gap was found, has been sent. */
export interface WatchReadyJson {
  readonly session: string;
  readonly cursor: string;
}
