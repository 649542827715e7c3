import { KvcError } from '../errors.js';

/** A whole number from `min` to `max`. @throws KvcError KVC_E_USAGE */
export function parseCount(text: string, what: string, max: number, min = 1): number {
  const count = /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
  if (count >= min && count <= max) return count;
  throw new KvcError(
    'KVC_E_USAGE',
    `${what} must be a whole number from ${min} to ${max}, received ${JSON.stringify(text.slice(0, 60))}`,
  );
}
