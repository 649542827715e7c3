import { KvcError } from '../../errors.js';

/** The error for bytes of the log that were durable once and are not what was written. */
export function logDamage(file: string, offset: number, why: string, cause?: unknown): KvcError {
  return new KvcError(
    'KVC_E_LOG_CORRUPT',
    `the update log is damaged at byte ${offset} of ${file}: ${why}. What follows cannot be trusted, so the node does not ` +
      'start on it. Restore the file from a copy, or give the data up: kvc up --fresh',
    { file, offset },
    { cause },
  );
}
