import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { HistoryFormat, ImportedHistory } from '../check/formats/historyReader.js';
import { readHistory } from '../check/formats/readHistory.js';
import { KvcError, messageOf } from '../errors.js';

/** Stands for standard input in place of a file's name. */
export const standardInput = '-';

/**
 * Reads the history in a file, or on standard input.
 * @throws KvcError KVC_E_USAGE if there is no such file or it cannot be read, KVC_E_HISTORY_INVALID if it is no history
 */
export async function openHistory(file: string, format: HistoryFormat | undefined): Promise<ImportedHistory> {
  if (file === standardInput) return readHistory(process.stdin, format);
  await refuseUnreadable(file);
  const stream = createReadStream(file);
  try {
    return await readHistory(stream, format);
  } catch (error) {
    if (error instanceof KvcError) throw error.with({ file }, `${file}: ${error.message}`);
    throw new KvcError('KVC_E_USAGE', `${file} cannot be read: ${messageOf(error)}`, {}, { cause: error });
  }
}

async function refuseUnreadable(file: string): Promise<void> {
  const stats = await stat(file).catch((error: unknown) => {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const problem = isMissing ? `there is no file ${file}` : `${file} cannot be read: ${messageOf(error)}`;
    throw new KvcError('KVC_E_USAGE', problem, { file }, { cause: error });
  });
  if (stats.isDirectory()) {
    throw new KvcError('KVC_E_USAGE', `${file} is a directory; name a file with a history`, { file });
  }
}
