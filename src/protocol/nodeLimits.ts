import { replicaLimitDefaults } from '../core/replicaLimits.js';

/** What the supervisor may set for the nodes of a cluster. What else is bounded has its limit beside it (ARCHITECTURE, "Limits"). */
export interface NodeLimits {
  readonly logBytesMax: number;
  readonly logKeptBytes: number;
  readonly pendingUpdatesMax: number;
  readonly pendingBytesMax: number;
  readonly waitingRequestsMax: number;
  readonly unflushedWritesMax: number;
  readonly writeBytesMax: number;
  readonly openRequestsMax: number;
  readonly requestIdsMax: number;
  readonly requestIdsMs: number;
  readonly batchUpdatesMax: number;
  readonly batchesUnderWayMax: number;
  readonly loopLagMsMax: number;
  readonly diskLagMsMax: number;
  readonly watchersMax: number;
  readonly watchStallMsMax: number;
}

export interface NodeLimitKind {
  readonly meaning: string;
  readonly unit: 'bytes' | 'ms' | 'count';
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

function kind(
  meaning: string,
  unit: NodeLimitKind['unit'],
  [standard, min, max]: readonly [number, number, number],
): NodeLimitKind {
  return { meaning, unit, default: standard, min, max };
}

const mib = 1024 * 1024;
const replica = replicaLimitDefaults;

/** The one table of a node's limits; the command line, the nodes and the documentation read it. */
export const nodeLimitKinds = {
  logBytesMax: kind(
    'the update log on disk; beyond it the oldest updates go, and a node that still lacks them gets a snapshot',
    'bytes',
    [256 * mib, mib, 1024 * 1024 * mib],
  ),
  logKeptBytes: kind(
    'of the update log, what is kept for watches although every node has it; never beyond logBytesMax',
    'bytes',
    [32 * mib, 0, 1024 * 1024 * mib],
  ),
  pendingUpdatesMax: kind('updates that wait for a dependency', 'count', [replica.pendingMax, 1, 10_000_000]),
  pendingBytesMax: kind('keys and values of updates that wait for a dependency', 'bytes', [
    replica.pendingBytesMax,
    1024,
    16_384 * mib,
  ]),
  waitingRequestsMax: kind('requests that wait for what their session has seen', 'count', [
    replica.waitingMax,
    1,
    1_000_000,
  ]),
  unflushedWritesMax: kind('writes that wait for the disk or for other nodes', 'count', [
    replica.unpersistedMax,
    1,
    1_000_000,
  ]),
  writeBytesMax: kind('keys and values of writes that wait', 'bytes', [
    replica.writeBytesMax,
    1024,
    16_384 * mib,
  ]),
  openRequestsMax: kind('client requests that are being served', 'count', [20_000, 1, 1_000_000]),
  requestIdsMax: kind('request ids that are remembered', 'count', [replica.requestIdsMax, 1, 100_000_000]),
  requestIdsMs: kind('how long a write with a request id may be sent again', 'ms', [
    replica.requestIdsMs,
    1000,
    86_400_000,
  ]),
  batchUpdatesMax: kind('updates of one message to a peer', 'count', [replica.link.batchUpdatesMax, 1, 1024]),
  batchesUnderWayMax: kind('messages to one peer that are not answered yet', 'count', [
    replica.link.windowMax,
    1,
    1024,
  ]),
  loopLagMsMax: kind(
    'how far the event loop may fall behind before requests are turned away',
    'ms',
    [2000, 50, 600_000],
  ),
  diskLagMsMax: kind(
    'how long the disk may take for a flush before writes are turned away',
    'ms',
    [5000, 50, 600_000],
  ),
  watchersMax: kind('watches that are open', 'count', [256, 1, 100_000]),
  watchStallMsMax: kind(
    'how long a watcher may take nothing of what it is sent before its watch is ended',
    'ms',
    [30_000, 100, 600_000],
  ),
} as const satisfies Record<keyof NodeLimits, NodeLimitKind>;

export function nodeLimitsOf(changed: Partial<NodeLimits>): NodeLimits {
  const defaults = Object.fromEntries(
    Object.entries(nodeLimitKinds).map(([name, { default: value }]) => [name, value]),
  ) as unknown as NodeLimits;
  return { ...defaults, ...changed };
}
