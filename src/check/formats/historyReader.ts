import type { History } from '../history.js';

export type HistoryFormat = 'ndjson' | 'elle' | 'plume';

/** A history as it was read. */
export interface ImportedHistory {
  readonly format: HistoryFormat;
  readonly history: History;
  /** What of the file is not in the history, and why; for people. */
  readonly notes: readonly string[];
}

/** Takes a history line by line, then says what it was. Both fail with KVC_E_HISTORY_INVALID. */
export interface HistoryReader {
  /** @param number - where the line stands in its file, from 1 */
  line(text: string, number: number): void;
  end(): ImportedHistory;
}
