import { KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';

/** A whole number from 0 to 2^32 - 1. @throws KvcError KVC_E_USAGE */
export function parseSeed(text: string): number {
  const seed = /^[0-9]{1,10}$/.test(text) ? Number(text) : Infinity;
  if (seed <= limits.faultSeedMax) return seed;
  throw new KvcError(
    'KVC_E_USAGE',
    `a seed must be a whole number from 0 to ${limits.faultSeedMax}, received ${JSON.stringify(text.slice(0, 60))}`,
  );
}
