import type { Files } from '../files.js';

/** Where the files of a log are, whose they are, and what they are written with. */
export interface LogPlace {
  readonly dir: string;
  readonly clusterId: string;
  readonly files: Files;
  /** Uniform in [0, 1): tells the records of a segment from what an earlier file left at the same place. */
  readonly random: () => number;
}
