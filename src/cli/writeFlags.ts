import * as Flags from '@oclif/core/flags';
import type { WriteOptions } from '../client/nodeClient.js';
import { limits } from '../protocol/limits.js';
import { tokenFlag } from './dataFlags.js';

/** Of every command that writes. */
export const replicasFlag = {
  replicas: Flags.integer({
    summary: 'At how many nodes the write must be durable before it is acknowledged.',
    helpValue: 'N',
    defaultHelp: () => Promise.resolve('1'),
    min: 1,
    max: limits.nodesMax,
  }),
};

export const ifContextFlag = {
  'if-context': tokenFlag({
    summary: 'Write only if the node holds no version of the key that this session token has not seen.',
    helpValue: 'TOKEN',
  }),
};

export const createFlag = {
  create: Flags.boolean({
    summary: 'Write only if the key has no value at the node.',
    exclusive: ['if-context'],
  }),
};

interface WriteFlags {
  readonly replicas?: number | undefined;
  readonly create?: boolean;
  readonly 'if-context'?: string | undefined;
}

/** What the flags say of how a write is to be done. */
export function writeTerms({ replicas, create, 'if-context': ifContext }: WriteFlags): WriteOptions {
  return {
    ...(replicas === undefined ? {} : { replicas }),
    ...(create === true ? { ifAbsent: true } : {}),
    ...(ifContext === undefined ? {} : { ifContext }),
  };
}

/** The end of the description of a command with a condition. */
export const conditionDescription =
  'A condition is judged by what the node holds, and exit 8 says that it does not hold: two nodes that have not heard of ' +
  'each other may both accept, which leaves siblings.';
