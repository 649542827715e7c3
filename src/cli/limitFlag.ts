import * as Flags from '@oclif/core/flags';
import { parseLimit, type LimitChange } from './parseLimit.js';

const limit = Flags.custom<LimitChange>({
  helpValue: 'NAME=VALUE',
  parse: (input) => Promise.resolve(parseLimit(input)),
});

/** `--limit NAME=VALUE`, any number of times; see mergeLimits. */
export const limitFlag = (summary: string) => limit({ summary, multiple: true, multipleNonGreedy: true });
