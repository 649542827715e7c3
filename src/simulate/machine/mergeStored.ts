import { unionOfDots, type Dot } from '../../core/clock/dot.js';
import type { Versions } from '../../core/versions.js';
import { KeyJoin } from '../../storage/joinStates.js';
import type { Checkpoint } from '../../storage/keyStore.js';
import type { DirtyTable } from './dirtyTable.js';
import type { StoreNode } from './storeNode.js';
import type { Transactions } from './transactions.js';

export interface StoreTables {
  readonly versions: DirtyTable<Versions>;
  readonly requests: DirtyTable<readonly Dot[]>;
}

/**
 * Joins the staged snapshot into the tables in many transactions, as `storage/lmdb/mergeStaged.ts` does, which says why it
 * may be ended at any point and begun again. Few entries go into each, so that runs end between them.
 * @param local - what the tables reflect
 */
export async function mergeStored(
  stored: StoreNode,
  tables: StoreTables,
  transactions: Transactions,
  local: Checkpoint,
  staged: Checkpoint,
): Promise<Checkpoint> {
  await joinTable(tables.requests, stored.requests, stored.stagedRequests, transactions, (known, added) =>
    added === undefined ? known : unionOfDots(known ?? [], added),
  );
  const join = new KeyJoin(local, staged, tables.requests);
  await joinTable(tables.versions, stored.versions, stored.stagedVersions, transactions, (known, added) =>
    join.join(known, added),
  );
  return join.checkpoint();
}

async function joinTable<Value>(
  table: DirtyTable<Value>,
  stored: Map<string, Value>,
  staged: ReadonlyMap<string, Value>,
  transactions: Transactions,
  join: (known: Value | undefined, added: Value | undefined) => Value | undefined,
): Promise<void> {
  const keys = [...new Set([...stored.keys(), ...staged.keys()])];
  while (keys.length > 0) {
    const batch = keys.splice(0, transactions.batch());
    const joined = batch.map((key) => [key, join(table.get(key), staged.get(key))] as const);
    const changed = joined.filter(([key, value]) => value !== table.get(key));
    if (changed.length === 0) continue;
    await transactions.commit('merge', () => {
      for (const [key, value] of changed) put(stored, key, value);
    });
    for (const [key, value] of changed) table.adopt(key, value);
  }
}

function put<Value>(stored: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) stored.delete(key);
  else stored.set(key, value);
}
