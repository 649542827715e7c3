import type { Transaction } from 'lmdb';
import { KvcError } from '../../errors.js';
import type { SnapshotPosition } from '../../protocol/snapshotPosition.js';
import type { Checkpoint } from '../keyStore.js';
import { readSnapshot, type CutEntry } from '../readSnapshot.js';
import type { SnapshotPart, StoreCut } from '../storeSnapshot.js';
import { reading } from './lmdbFailure.js';
import type { LmdbTable } from './lmdbTable.js';
import type { LmdbTables } from './lmdbTables.js';

/** A cut on disk: a read transaction of lmdb, which goes on seeing what it saw when it began. */
export class LmdbCut implements StoreCut {
  readonly checkpoint: Checkpoint;
  readonly entries: number;
  readonly #tables: LmdbTables;
  readonly #onClose: () => void;
  #transaction: Transaction | undefined;

  constructor(
    facts: { readonly checkpoint: Checkpoint; readonly entries: number },
    tables: LmdbTables,
    transaction: Transaction,
    onClose: () => void,
  ) {
    this.checkpoint = facts.checkpoint;
    this.entries = facts.entries;
    this.#tables = tables;
    this.#transaction = transaction;
    this.#onClose = onClose;
  }

  read(position: SnapshotPosition | undefined, bytesMax: number): SnapshotPart {
    const transaction = this.#transaction;
    if (transaction === undefined) throw new KvcError('KVC_E_CLOSED', 'the cut of the key store is closed');
    const { requests, versions } = this.#tables;
    const tables = {
      requests: (start: string) => entriesOf(requests, start, transaction),
      keys: (start: string) => entriesOf(versions, start, transaction),
    };
    return reading(() => readSnapshot(tables, position, bytesMax));
  }

  close(): void {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    this.#transaction = undefined;
    transaction.done();
    this.#onClose();
  }
}

function* entriesOf<Value>(
  table: LmdbTable<Value>,
  start: string,
  transaction: Transaction,
): Generator<CutEntry<Value>> {
  for (const { key, value } of table.database.getRange({ start: Buffer.from(start), transaction })) {
    yield { key: key.toString(), value: table.decode(key, value), bytes: key.length + value.length };
  }
}
