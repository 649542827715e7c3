import type { Dot } from '../../core/clock/dot.js';
import type { Versions } from '../../core/versions.js';
import type { SnapshotPosition } from '../../protocol/snapshotPosition.js';
import type { Checkpoint } from '../keyStore.js';
import { misuse } from '../misuse.js';
import type { SnapshotPart, SnapshotSource, StagedSnapshot } from '../storeSnapshot.js';
import { MemoryTable } from './memoryTable.js';

/** A snapshot that is collected in memory. */
export class MemoryStaging {
  readonly versions = new MemoryTable<Versions>();
  readonly requests = new MemoryTable<readonly Dot[]>();
  staged: StagedSnapshot | undefined;

  get entries(): number {
    return this.versions.size + this.requests.size;
  }

  begin(source: SnapshotSource, checkpoint: Checkpoint): void {
    this.drop();
    this.staged = { source, checkpoint, next: null };
  }

  stage(
    { requests, keys }: Pick<SnapshotPart, 'requests' | 'keys'>,
    next: SnapshotPosition | 'complete',
  ): void {
    if (this.staged === undefined) throw misuse('a part of a snapshot came, but none is being staged');
    for (const { request, dots } of requests) this.requests.set(request, dots);
    for (const { key, versions } of keys) this.versions.set(key, versions);
    this.staged = { ...this.staged, next };
  }

  drop(): void {
    this.staged = undefined;
    this.versions.clear();
    this.requests.clear();
  }
}
