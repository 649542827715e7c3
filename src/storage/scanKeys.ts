import type { Versions } from '../core/versions.js';
import { compareKeys } from './keyOrder.js';
import type { KeyEntry, ScanRange } from './keyStore.js';
import type { OrderedTable } from './orderedTable.js';

/** See `KeyStore.scan`. */
export function scanKeys(table: OrderedTable<Versions>, { prefix, after, limit }: ScanRange): KeyEntry[] {
  // Nothing comes between a text and the same with a zero byte behind it.
  const start = after === undefined || compareKeys(after, prefix) < 0 ? prefix : `${after}\0`;
  const found = table.scan({ start, endsAt: (key) => !key.startsWith(prefix), limit });
  return found.map(([key, versions]) => ({ key, versions }));
}
