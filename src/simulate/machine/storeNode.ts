import type { Dot } from '../../core/clock/dot.js';
import type { RequestId } from '../../core/update.js';
import type { Versions } from '../../core/versions.js';
import type { Checkpoint } from '../../storage/keyStore.js';
import type { StagingState } from '../../storage/stagingRecord.js';

/** What a key store has on disk, durable as it stands: it changes by transactions, as the file of a database does. */
export class StoreNode {
  readonly changedMs: number;
  /** Whether its name has been made durable. */
  isCreated = false;
  /** Its file is not what was written: it cannot be opened. */
  isDamaged = false;
  checkpoint: Checkpoint | undefined;
  readonly versions = new Map<string, Versions>();
  readonly requests = new Map<RequestId, readonly Dot[]>();
  staging: StagingState | undefined;
  readonly stagedVersions = new Map<string, Versions>();
  readonly stagedRequests = new Map<RequestId, readonly Dot[]>();

  constructor(changedMs: number) {
    this.changedMs = changedMs;
  }
}
