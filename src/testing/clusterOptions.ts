import { randomInt } from 'node:crypto';
import type { LogLine } from '../cluster/logLine.js';
import type { DeliveryMode } from '../core/delivery.js';
import { asInteger, asObject, badField } from '../protocol/fields.js';
import { limits as bounds } from '../protocol/limits.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import { parseNodeLimits } from '../protocol/nodeLimitsJson.js';
import { asUsage } from './asUsage.js';

/** What cluster a test gets. */
export interface StartClusterOptions {
  /** How many nodes, 1 to 16: node1, node2 and so on. Default 3. */
  readonly nodes?: number;
  /**
   * `in-process` (default): the nodes live in the caller's process and keep everything in memory. It starts in tens of
   * milliseconds. `processes`: each node is a process with its data on disk, in a temporary directory; kills and pauses are
   * those of the operating system, and a node that is restarted has its data again.
   */
  readonly mode?: 'in-process' | 'processes';
  /** `causal` (default), or `fifo`, which ignores dependencies, to see a test fail that relies on them. */
  readonly delivery?: DeliveryMode;
  /** 0 to 2^32 - 1: decides what faults leave to chance, such as which messages a `drop` loses. Default: drawn; see `cluster.seed`. */
  readonly seed?: number;
  /** Limits of the nodes that differ from the defaults (docs/limits.md). */
  readonly limits?: Partial<NodeLimits>;
  /** Gets what the nodes log. Default: nobody does. */
  readonly report?: (line: LogLine) => void;
}

export type SettledOptions = Required<StartClusterOptions> & {
  /** Whether anybody wants to know what the nodes log. */
  readonly isReported: boolean;
};

const names = ['nodes', 'mode', 'delivery', 'seed', 'limits', 'report'] as const;
const seedEnd = bounds.faultSeedMax + 1;

/** Checked, with the defaults. @throws KvcError KVC_E_USAGE */
export function settleOptions(options: StartClusterOptions): SettledOptions {
  try {
    asObject(options, 'the options', names);
    const { nodes = 3, mode = 'in-process', delivery = 'causal', limits = {}, report = ignore } = options;
    const { seed = randomInt(seedEnd) } = options;
    if (typeof report !== 'function') throw badField('report', 'a function', report);
    return {
      nodes: asInteger(nodes, 'nodes', 1, bounds.nodesMax),
      mode: oneOf(mode, 'mode', ['in-process', 'processes']),
      delivery: oneOf(delivery, 'delivery', ['causal', 'fifo']),
      seed: asInteger(seed, 'seed', 0, bounds.faultSeedMax),
      limits: parseNodeLimits(limits, 'limits'),
      report,
      isReported: options.report !== undefined,
    };
  } catch (error) {
    throw asUsage(error);
  }
}

function oneOf<T extends string>(input: T, field: string, values: readonly T[]): T {
  if (values.includes(input)) return input;
  throw badField(field, values.join(' or '), input);
}

function ignore(): void {
  return;
}
