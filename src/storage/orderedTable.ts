/** Values by key, in the order of the UTF-8 bytes of the keys: what a key store is made of, on disk or in memory. */
export interface OrderedTable<Value> {
  readonly size: number;
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  remove(key: string): void;
  /** The entries of the range in order, at most `limit`. */
  scan(range: TableRange): (readonly [string, Value])[];
}

export interface TableRange {
  /** Inclusive lower bound. */
  readonly start: string;
  /** Whether a key from `start` up is behind the range. */
  readonly endsAt: (key: string) => boolean;
  readonly limit: number;
}
