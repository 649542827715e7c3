/**
 * One line of a history file (NDJSON): one operation as its client saw it. Documented for other systems in
 * docs/checking.md.
 */
export interface HistoryLine {
  /** Who did it. The lines of a session stand in the order in which it did them, one after the other ended. */
  readonly session: string;
  readonly type: 'read' | 'write' | 'delete' | 'txn';
  /** Absent in a `txn`. */
  readonly key?: string;
  /** What was written, or returned; null: the key was absent. Absent in a `delete` and a `txn`. */
  readonly value?: Value | null;
  /** Of a read that returned siblings: all of their values, the winner first. */
  readonly values?: readonly (Value | null)[];
  /**
   * The name of the write: of the one that this is, or of the one whose value (or whose delete) was returned. With it values
   * may repeat, and it is known which delete a read has seen. All writes of one `txn` share its name.
   */
  readonly wid?: string;
  /** Of a read that returned siblings: the names of their writes, in the order of `values`. */
  readonly wids?: readonly string[];
  /** Of a `txn`: what it did, in this order, as one. */
  readonly ops?: readonly HistoryAccess[];
  /** Milliseconds, of one clock for all lines if for any. They order nothing; they are shown. */
  readonly start?: number;
  readonly end?: number;
  /** `fail`: it certainly did not happen. `info`: it may have happened, or may yet. */
  readonly status: 'ok' | 'fail' | 'info';
  /** One of the last reads, made at `replica` after all faults had ended and everything had spread. */
  readonly final?: boolean;
  /** The replica that served it, if that is known. Needed with `final`. */
  readonly replica?: string;
}

/** One read or write within a `txn`. */
export type HistoryAccess = Pick<HistoryLine, 'key' | 'value' | 'values' | 'wid' | 'wids'> & {
  readonly type: 'read' | 'write' | 'delete';
};

/** A value is only ever compared with others: 1 and "1" are two. */
export type Value = string | number | boolean;
