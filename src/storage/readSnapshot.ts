import type { Dot } from '../core/clock/dot.js';
import type { Versions } from '../core/versions.js';
import {
  parseSnapshotPosition,
  snapshotPosition,
  type SnapshotPlace,
  type SnapshotPosition,
} from '../protocol/snapshotPosition.js';
import type { SnapshotPart } from './storeSnapshot.js';

/** One entry of a table of a cut, and about how many bytes it takes. */
export interface CutEntry<Value> {
  readonly key: string;
  readonly value: Value;
  readonly bytes: number;
}

/** The tables of a cut, each in the order of its keys, from the first that is not before `start`. */
export interface CutTables {
  requests(start: string): Iterable<CutEntry<readonly Dot[]>>;
  keys(start: string): Iterable<CutEntry<Versions>>;
}

/** One part of a cut; see `StoreCut.read`. */
export function readSnapshot(
  tables: CutTables,
  position: SnapshotPosition | undefined,
  bytesMax: number,
): SnapshotPart {
  const reader = new PartReader(bytesMax);
  const place = position === undefined ? undefined : parseSnapshotPosition(position);
  const requests = place?.table === 'keys' ? [] : reader.take(tables.requests(startAfter(place?.after)));
  const start = place?.table === 'keys' ? firstKey(place) : '';
  const keys = reader.isFull ? [] : reader.take(tables.keys(start));
  return {
    requests: requests.map(({ key, value }) => ({ request: key, dots: value })),
    keys: keys.map(({ key, value }) => ({ key, versions: value })),
    next: reader.isFull ? snapshotPosition(lastPlace(requests, keys)) : undefined,
  };
}

function firstKey(place: Extract<SnapshotPlace, { table: 'keys' }>): string {
  return 'from' in place ? place.from : startAfter(place.after);
}

/** Nothing comes between a text and the same with a zero byte behind it. */
function startAfter(key: string | undefined): string {
  return key === undefined || key === '' ? '' : `${key}\0`;
}

function lastPlace(
  requests: readonly CutEntry<unknown>[],
  keys: readonly CutEntry<unknown>[],
): SnapshotPlace {
  const lastKey = keys.at(-1);
  if (lastKey !== undefined) return { table: 'keys', after: lastKey.key };
  return { table: 'requests', after: requests.at(-1)?.key ?? '' };
}

class PartReader {
  readonly #bytesMax: number;
  #bytes = 0;
  #entries = 0;
  /** Whether there is an entry that has no room any more. */
  isFull = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  take<Value>(entries: Iterable<CutEntry<Value>>): CutEntry<Value>[] {
    const taken: CutEntry<Value>[] = [];
    for (const entry of entries) {
      this.#bytes += entry.bytes;
      this.#entries += 1;
      this.isFull = this.#entries > 1 && this.#bytes > this.#bytesMax;
      if (this.isFull) break;
      taken.push(entry);
    }
    return taken;
  }
}
