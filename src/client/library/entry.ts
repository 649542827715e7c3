/** The name of exactly one write. */
export interface Dot {
  /** The replica that accepted it: the node's name, with a part of chance behind it where the node had lost its data. */
  readonly node: string;
  /** The how-manieth write of that replica it is, from 1. */
  readonly counter: number;
}

/** One version of a key: what one write left there, unless another one that had seen it replaced it. */
export interface KeyVersion<Value = unknown> {
  /** undefined where the key was deleted, or the value has expired. Of a counter a number, of a set an array of members. */
  readonly value: Value | undefined;
  /** `counter` and `set` merge concurrent changes; of a `value` the last writer wins, and the others are siblings. */
  readonly type: 'value' | 'counter' | 'set';
  /** The write that it is from. */
  readonly dot: Dot;
  /** When the value expires: ms since 1970 by the clock of the node that accepted it. Absent if it does not. */
  readonly expiresAt?: number;
}

/** What a read returns of one key. */
export interface Entry<Value = unknown> {
  /** As it was asked for, or listed. */
  readonly key: string;
  /** The winner's; undefined where the key has none. */
  readonly value: Value | undefined;
  /** The winner's: `counter` and `set` merge concurrent changes, of a `value` the last writer wins. */
  readonly type: 'value' | 'counter' | 'set';
  /** The winner's; null where the key was never written, as far as the node knows. A deleted key has the delete's dot. */
  readonly dot: Dot | null;
  /** The versions that are concurrent with the winner. Not empty: a conflict, see `resolve`. */
  readonly siblings: readonly KeyVersion<Value>[];
  /** When the winner's value expires: ms since 1970 by the clock of the node that accepted it. Absent if it does not. */
  readonly expiresAt?: number;
  /** Which node answered. */
  readonly node: string;
  /** A session token that has seen this entry besides what the session had seen before. */
  readonly token: string;
}

/** What a write returns. */
export interface Written {
  /** Its name. */
  readonly dot: Dot;
  /** Which node accepted it. */
  readonly node: string;
  /** The session's token after it. */
  readonly token: string;
}

/** What a change of a counter returns. */
export interface Counted extends Written {
  /** What the counter is at the node that answered, this change included. Other nodes may have changed it meanwhile. */
  readonly value: number;
}
