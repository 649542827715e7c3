import type { Dot } from '../../core/clock/dot.js';
import type { Version, Versions } from '../../core/versions.js';
import { KvcError } from '../../errors.js';
import type { SnapshotPosition } from '../../protocol/snapshotPosition.js';
import type { Checkpoint } from '../keyStore.js';
import { readSnapshot, type CutEntry } from '../readSnapshot.js';
import type { SnapshotPart, StoreCut } from '../storeSnapshot.js';
import type { MemoryTable } from './memoryTable.js';

interface CopiedTables {
  readonly requests: MemoryTable<readonly Dot[]>;
  readonly versions: MemoryTable<Versions>;
}

/** A cut in memory: copies of the tables, which share what they hold with the store. */
export class MemoryCut implements StoreCut {
  readonly checkpoint: Checkpoint;
  readonly entries: number;
  readonly #onClose: () => void;
  #tables: CopiedTables | undefined;

  constructor(checkpoint: Checkpoint, tables: CopiedTables, onClose: () => void) {
    this.checkpoint = checkpoint;
    this.entries = tables.requests.size + tables.versions.size;
    this.#tables = tables;
    this.#onClose = onClose;
  }

  read(position: SnapshotPosition | undefined, bytesMax: number): SnapshotPart {
    const tables = this.#tables;
    if (tables === undefined) throw new KvcError('KVC_E_CLOSED', 'the cut of the key store is closed');
    const cutTables = {
      requests: (start: string) => entriesOf(tables.requests, start, dotsBytes),
      keys: (start: string) => entriesOf(tables.versions, start, versionsBytes),
    };
    return readSnapshot(cutTables, position, bytesMax);
  }

  close(): void {
    this.#tables = undefined;
    this.#onClose();
  }
}

function* entriesOf<Value>(
  table: MemoryTable<Value>,
  start: string,
  bytesOf: (value: Value) => number,
): Generator<CutEntry<Value>> {
  for (const [key, value] of table.from(start)) yield { key, value, bytes: key.length + bytesOf(value) };
}

/** What a dot or the frame of a version takes, about: encoding each to know it would cost more than it is worth. */
const dotBytes = 12;

function dotsBytes(dots: readonly Dot[]): number {
  return dots.length * dotBytes;
}

function versionsBytes(versions: Versions): number {
  return versions.reduce((bytes, version) => bytes + dotBytes * 2 + versionBytes(version), 0);
}

function versionBytes(version: Version): number {
  if (version.kind === 'member') return version.member.length;
  return version.kind === undefined ? (version.value?.length ?? 0) : 0;
}
