import type { NodeName } from '../core/ids.js';
import type { Replica } from '../core/replica.js';
import type { CountersJson } from '../protocol/inspectApi.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { FaultyTransport } from '../transport/faultyTransport.js';
import type { ReplicaDriver } from './replicaDriver.js';
import type { Snapshots } from './snapshots.js';

/** What a node has from the beginning, before it has recovered: its links, and the faults on them. */
export interface NodeLinks {
  readonly config: NodeConfig;
  readonly transport: FaultyTransport;
  readonly peerUrls: ReadonlyMap<NodeName, string>;
}

/** A recovered node, as its HTTP routes see it. */
export interface RunningNode extends NodeLinks {
  readonly driver: ReplicaDriver;
  readonly replica: Replica;
  readonly log: UpdateLog;
  readonly keys: KeyStore;
  readonly snapshots: Snapshots;
  readonly limits: NodeLimits;
  /** What this process counted before the replica was last built anew; see `countersOf`. */
  readonly counted: CountersJson;
}
