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

/** What one of several measurements adds to the report of its section. */
export type Findings = Omit<Report, 'name' | 'title'>;

export function joinFindings(parts: readonly Findings[]): Findings {
  return {
    figures: parts.flatMap(({ figures }) => figures),
    goals: parts.flatMap(({ goals }) => goals),
    notes: parts.flatMap(({ notes }) => notes),
    faults: parts.flatMap(({ faults }) => faults),
  };
}
