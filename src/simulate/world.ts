import type { Dot } from '../core/clock/dot.js';
import type { NodeName, ReplicaId } from '../core/ids.js';
import type { Operation } from '../core/update.js';
import type { VersionVector } from '../core/clock/versionVector.js';
import type { CausalOracle } from './causalOracle.js';
import type { Happenings } from './happenings.js';
import type { SeededRandom } from './machine/seededRandom.js';
import type { Universe } from './machine/universe.js';
import type { Timeline } from './machine/timeline.js';
import type { VirtualNetwork } from './machine/virtualNetwork.js';
import type { ScheduleConfig } from './schedule.js';
import type { NodeAddress } from '../protocol/nodeMessages.js';
import type { ReplicaDisk } from './replicaDisk.js';
import type { Survival } from './survival.js';

/**
 * What is to become of a node. One that is condemned will be removed by force, so that its disk counts for nothing any
 * more; one that is gone never comes back.
 */
export type Fate = 'stays' | 'leaves' | 'condemned' | 'gone';

/** What nodes know of each other without asking. */
export interface ListedNode {
  readonly address: NodeAddress;
  readonly fate: Fate;
  readonly judge: { readonly disk: ReplicaDisk | undefined };
}

/** What all parts of one run share. */
export interface World {
  readonly config: ScheduleConfig;
  /** What its machines share. */
  readonly universe: Universe;
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly network: VirtualNetwork;
  readonly oracle: CausalOracle;
  readonly survival: Survival;
  readonly happened: Happenings;
  /** All nodes there ever were. */
  readonly nodes: readonly ListedNode[];
  /** What the client of each list of operations had observed; one without a session has seen what its replica shows. */
  readonly observed: WeakMap<readonly Operation[], VersionVector>;
  /** Lists of operations that are to be done only where their keys have no value. */
  readonly creations: WeakSet<readonly Operation[]>;
  /** The updates by which each replica was admitted, by whoever it asked. */
  readonly admittedBy: Map<ReplicaId, Dot[]>;
  readonly founders: readonly NodeName[];
  readonly note: (machine: string, what: string, detail?: string) => void;
}
