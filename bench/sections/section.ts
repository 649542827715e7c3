import type { Report } from '../measure/report.js';

export interface SectionOptions {
  /** Shorter and fewer measurements: to see that it works, not to compare. */
  readonly quick: boolean;
  /** A directory of this run alone, for the nodes' data. */
  readonly dataDir: string;
  /** Where to write CPU profiles of the nodes; undefined: nowhere. */
  readonly profileDir: string | undefined;
}

export type Section = (options: SectionOptions) => Promise<Report>;
