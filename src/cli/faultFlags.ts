import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../notation/parseDuration.js';
import { parseSeed } from './parseSeed.js';

const lasting = Flags.custom<number>({
  summary: 'End by itself after this long. Default: stays until cleared.',
  helpValue: 'DURATION',
  parse: (input) => Promise.resolve(parseDuration(input)),
});

const seeded = Flags.custom<number>({
  summary: 'Decides what is left to chance: the same seed, the same decisions. Default: drawn.',
  helpValue: 'N',
  parse: (input) => Promise.resolve(parseSeed(input)),
});

const targetDescription =
  'node3 (what arrives at it), node1:node3 (one link, one way) or all; node1 is 1 for short.';

/** How a fault says where it acts and for how long. */
export const faultTarget = Args.string({
  required: true,
  ignoreStdin: true,
  description: targetDescription,
});

export const faultFlags = {
  both: Flags.boolean({ summary: 'Act on the opposite direction too.', default: false }),
  for: lasting(),
};

/** Of faults that leave something to chance. */
export const seedFlag = { seed: seeded() };
