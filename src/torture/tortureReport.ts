import type { Report, Verdict } from '../check/report.js';
import type { DeliveryMode } from '../core/delivery.js';
import type { FaultName } from './faultNames.js';
import type { Levelling } from './awaitLevel.js';
import type { NemesisTally } from './nemesisTally.js';
import type { NodeCounts } from './nodeWitness.js';
import type { ProtocolName } from './protocolNames.js';
import type { ClientTally } from './recorder.js';
import type { WorkloadName } from './workload.js';

/** Something that must not be, and that is no matter of a history's order. */
export interface Finding {
  readonly pattern:
    /** The nodes did not come to have the same within the time. */
    | 'NotConverged'
    /** A session had seen a write that no node has any more. */
    | 'LostWrite'
    /** A node ended that nobody had ended. */
    | 'UnexpectedExit'
    /** A node answered that it has a defect. */
    | 'InternalError';
  readonly explanation: string;
}

export interface TortureReport {
  readonly verdict: Verdict;
  readonly seed: number;
  readonly delivery: DeliveryMode;
  readonly nodes: number;
  readonly clients: number;
  readonly protocol: ProtocolName;
  readonly workload: WorkloadName;
  readonly faults: readonly FaultName[];
  /** For how long clients were to work. */
  readonly forMs: number;
  /** For how long they did. */
  readonly durationMs: number;
  readonly operationsPerSecond: number;
  /** The clients ended early, for there were as many operations as can be checked. */
  readonly isFull: boolean;
  readonly nemesis: NemesisTally;
  readonly counts: NodeCounts;
  readonly clientsDid: Omit<ClientTally, 'failures'> & {
    readonly failures: Readonly<Record<string, number>>;
  };
  readonly otherNames: number;
  readonly largestSkewMs: number;
  readonly longestGapMs: number;
  readonly levelling: Levelling;
  readonly checked: Report;
  readonly checkMs: number;
  readonly findings: readonly Finding[];
  /** Why it is unknown, if it is. */
  readonly reasons: readonly string[];
  /** Where history, trace and schedule are kept; null if they are not. */
  readonly kept: string | null;
}
