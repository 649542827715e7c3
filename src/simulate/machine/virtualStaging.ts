import type { SnapshotPosition } from '../../protocol/snapshotPosition.js';
import type { Checkpoint } from '../../storage/keyStore.js';
import { misuse } from '../../storage/misuse.js';
import type { SnapshotPart, SnapshotSource, StagedSnapshot } from '../../storage/storeSnapshot.js';
import type { StoreNode } from './storeNode.js';
import type { Transactions } from './transactions.js';

/** A snapshot that is collected on a virtual disk. Every change is one transaction with its progress. */
export class VirtualStaging {
  readonly #stored: StoreNode;
  readonly #transactions: Transactions;

  constructor(stored: StoreNode, transactions: Transactions) {
    this.#stored = stored;
    this.#transactions = transactions;
  }

  get staged(): StagedSnapshot | undefined {
    const { staging } = this.#stored;
    return staging && { source: staging.source, checkpoint: staging.checkpoint, next: staging.next };
  }

  get entries(): number {
    return this.#stored.stagedVersions.size + this.#stored.stagedRequests.size;
  }

  /** Whether a merge has begun and not ended: what the store holds is neither state. */
  get isMerging(): boolean {
    return this.#stored.staging?.isMerging ?? false;
  }

  async begin(source: SnapshotSource, checkpoint: Checkpoint): Promise<void> {
    this.assertNotMerging();
    await this.#transactions.commit('beginStaging', () => {
      this.clear();
      this.#stored.staging = { source, checkpoint, next: null, isMerging: false };
    });
  }

  async stage(
    { requests, keys }: Pick<SnapshotPart, 'requests' | 'keys'>,
    next: SnapshotPosition | 'complete',
  ): Promise<void> {
    this.assertNotMerging();
    const stored = this.#stored;
    const { staging } = stored;
    if (staging === undefined) throw misuse('a part of a snapshot came, but none is being staged');
    await this.#transactions.commit('stage', () => {
      for (const { request, dots } of requests) stored.stagedRequests.set(request, dots);
      for (const { key, versions } of keys) stored.stagedVersions.set(key, versions);
      stored.staging = { ...staging, next };
    });
  }

  async drop(): Promise<void> {
    this.assertNotMerging();
    await this.#transactions.commit('dropStaged', () => this.clear());
  }

  /** From here on the snapshot can only be merged. */
  async beginMerge(): Promise<StagedSnapshot> {
    const { staging } = this.#stored;
    if (staging?.next !== 'complete') throw misuse('no complete snapshot is staged');
    await this.#transactions.commit('beginMerge', () => {
      this.#stored.staging = { ...staging, isMerging: true };
    });
    return staging;
  }

  /** Within a transaction. */
  clear(): void {
    this.#stored.staging = undefined;
    this.#stored.stagedVersions.clear();
    this.#stored.stagedRequests.clear();
  }

  assertNotMerging(): void {
    if (this.isMerging)
      throw misuse('a snapshot is half merged into the key store; that has to be finished first');
  }
}
