import { KvcError } from '../errors.js';

/** A whole number from 1 to `max`. @throws KvcError KVC_E_USAGE */
export function parseCount(text: string, what: string, max: number): number {
  const count = /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw new KvcError(
    'KVC_E_USAGE',
    `${what} must be a whole number from 1 to ${max}, received ${JSON.stringify(text.slice(0, 60))}`,
  );
}
