import { KvcError } from '../errors.js';
import { benchKeysMax, type BenchProtocol } from '../load/benchRequests.js';
import type { BenchPlan } from '../load/benchWorks.js';
import { limits } from '../protocol/limits.js';
import { parseCount } from './parseCount.js';

/** What can be asked of `kvc bench`, as it is given. */
export interface BenchFlags {
  readonly protocol: BenchProtocol | undefined;
  readonly pipeline: string | undefined;
  readonly clients: string;
  readonly keys: string;
  readonly 'value-size': string;
  readonly seconds: string;
  readonly reads: string | undefined;
}

export const benchClientsMax = 1000;
export const benchPipelineMax = 1000;
/** An hour. */
export const benchSecondsMax = 3600;
/** Of all values together: nodes have to hold them. */
const valuesBytesMax = 256 * 1024 * 1024;
/** Of the values of one pipeline. */
const pipelineBytesMax = 16 * 1024 * 1024;
const allReads = [100, 0, 50];

/** @param nodes - how many are measured: each has at least one client. @throws KvcError KVC_E_USAGE */
export function benchPlan(flags: BenchFlags, nodes: number): BenchPlan {
  const { protocol } = flags;
  const pipeline =
    flags.pipeline === undefined ? 1 : parseCount(flags.pipeline, '--pipeline', benchPipelineMax);
  const keys = parseCount(flags.keys, '--keys', benchKeysMax);
  const valueBytes = parseCount(flags['value-size'], '--value-size', limits.valueBytesMax);
  if (protocol === 'http' && pipeline > 1) throw usage('--pipeline is for --protocol resp');
  requireWithin(keys * valueBytes, valuesBytesMax, '--keys times --value-size');
  requireWithin(pipeline * valueBytes, pipelineBytesMax, '--pipeline times --value-size');
  return {
    protocols: protocol === undefined ? ['resp', 'http'] : [protocol],
    pipeline,
    readsPercents: flags.reads === undefined ? allReads : [parseCount(flags.reads, '--reads', 100, 0)],
    clients: parseCount(flags.clients, '--clients', benchClientsMax, nodes),
    keys,
    valueBytes,
    seconds: parseCount(flags.seconds, '--seconds', benchSecondsMax),
  };
}

function requireWithin(bytes: number, max: number, what: string): void {
  if (bytes > max) throw usage(`${what} must be at most ${max} bytes, received ${bytes}`);
}

function usage(message: string): KvcError {
  return new KvcError('KVC_E_USAGE', message);
}
