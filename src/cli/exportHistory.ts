import type { History } from '../check/history.js';
import { historyLineText } from '../check/formats/ndjson.js';
import { lineOfOperation } from '../check/formats/operationLine.js';
import { plumeText } from '../check/formats/plumeText.js';
import { writeTextFile } from './writeTextFile.js';

export type ExportFormat = 'ndjson' | 'plume';

/** Writes a history to a file; returns what the format cannot hold of it. */
export async function exportHistory(
  history: History,
  format: ExportFormat,
  path: string,
): Promise<readonly string[]> {
  if (format === 'plume') {
    const { lines, notes } = plumeText(history);
    await writeTextFile('--export', path, lines);
    return notes;
  }
  await writeTextFile('--export', path, ndjsonLines(history));
  return [];
}

function* ndjsonLines(history: History): Generator<string> {
  for (const operation of history) yield historyLineText(lineOfOperation(operation));
}
