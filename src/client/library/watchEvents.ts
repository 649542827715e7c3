import type { Dot, Entry } from './entry.js';

/** What an update did to one key. */
export type WatchedWrite<Value = unknown> = { readonly key: string } & (
  | { readonly kind: 'put'; readonly value: Value; readonly expiresAt?: number }
  | { readonly kind: 'delete' }
  | { readonly kind: 'increment'; readonly amount: number }
  | { readonly kind: 'add' | 'remove'; readonly member: string | Uint8Array }
  /** The value that the write `expired` left is gone. */
  | { readonly kind: 'expire'; readonly expired: Dot }
);

/** What a watch tells, in causal order; at least once each, so that `dot` tells what came before. */
export type WatchEvent<Value = unknown> =
  /** One update, with all of its writes whose key has the prefix. It comes after everything that it depends on. */
  | {
      readonly kind: 'change';
      readonly dot: Dot;
      readonly writes: readonly WatchedWrite<Value>[];
      /** Hybrid time of the write, ms since 1970. */
      readonly time: number;
      readonly cursor: string;
      readonly node: string;
    }
  /** Some of what happened cannot be told any more. What every key holds follows as `state` events, until the next `ready`. */
  | {
      readonly kind: 'gap';
      readonly missed: Readonly<Record<string, readonly [number, number]>>;
      readonly node: string;
    }
  | { readonly kind: 'state'; readonly entry: Entry<Value>; readonly node: string }
  /** The watch has caught up with what its node had when it began, or when the gap was found. */
  | { readonly kind: 'ready'; readonly cursor: string; readonly node: string };
