import type { HistoryFormat, ImportedHistory } from '../../../src/check/formats/historyReader.js';
import { readHistory } from '../../../src/check/formats/readHistory.js';
import { KvcError } from '../../../src/errors.js';

/** Reads a history whose bytes arrive in pieces of the given size. */
export function readText(
  text: string | Uint8Array,
  format?: HistoryFormat,
  pieceBytes = 7,
): Promise<ImportedHistory> {
  const bytes = Buffer.from(text);
  return readHistory(pieces(bytes, pieceBytes), format);
}

/** The message with which a history is refused. */
export async function refusal(text: string | Uint8Array, format?: HistoryFormat): Promise<string> {
  try {
    await readText(text, format);
  } catch (error) {
    if (error instanceof KvcError && error.code === 'KVC_E_HISTORY_INVALID') return error.message;
    throw error;
  }
  throw new Error('the history was taken');
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous, even one that never waits
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
