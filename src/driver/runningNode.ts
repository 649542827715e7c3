import type { Replica } from '../core/replica.js';
import type { CountersJson } from '../protocol/inspectApi.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { ReplicaDriver } from './replicaDriver.js';
import type { Snapshots } from './snapshots.js';
import type { Watches } from './watches.js';

/** A recovered node, as whoever asks it for something sees it. */
export interface RunningNode {
  readonly config: NodeConfig;
  readonly driver: ReplicaDriver;
  readonly replica: Replica;
  readonly log: UpdateLog;
  readonly keys: KeyStore;
  readonly snapshots: Snapshots;
  readonly watches: Watches;
  readonly limits: NodeLimits;
  /** What this process counted before the replica was last built anew; see `countersOf`. */
  readonly counted: CountersJson;
}
