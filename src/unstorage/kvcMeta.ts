import type { Entry } from '../client/library/entry.js';

/** What kvc knows of an item besides its value. */
export interface KvcMeta {
  /** Bytes of the value. Absent for a counter or a set. */
  readonly size?: number;
  /** In how many seconds the item expires. Absent if it does not. */
  readonly ttl?: number;
  /** When the item expires, by the clock of the node that accepted it. Absent if it does not. */
  readonly expiresAt?: Date;
  /** The name of the write that the value is from, such as `node1:7`. */
  readonly dot: string;
  /** How many values the item has besides this one, since they were written at the same time at other nodes. */
  readonly siblings: number;
  /** Index signature of unstorage's own type. */
  readonly [key: string]: string | number | Date | undefined;
}

/** @returns null where there is no item */
export function metaOf({ value, dot, siblings, expiresAt }: Entry, nowMs: number): KvcMeta | null {
  if (value === undefined || dot === null) return null;
  return {
    dot: `${dot.node}:${dot.counter}`,
    siblings: siblings.length,
    ...(value instanceof Uint8Array ? { size: value.byteLength } : {}),
    ...(expiresAt === undefined
      ? {}
      : { ttl: Math.max(0, (expiresAt - nowMs) / 1000), expiresAt: new Date(expiresAt) }),
  };
}
