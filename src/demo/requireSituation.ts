import { KvcError } from '../errors.js';

/**
 * A claim that holds because what could break it did not happen is worth nothing.
 * @param what - completes "nothing was put to the test, for ..."
 * @throws KvcError KVC_E_VERDICT_UNKNOWN
 */
export function requireSituation(cameAbout: boolean, what: string): void {
  if (cameAbout) return;
  throw new KvcError('KVC_E_VERDICT_UNKNOWN', `nothing was put to the test, for ${what}`, {
    try: ['the same again while the machine is less busy'],
  });
}
