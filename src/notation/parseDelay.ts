import { KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { parseDuration } from './parseDuration.js';

export interface Delay {
  readonly delayMs: number;
  /** Each message waits `delayMs` plus or minus up to this. */
  readonly jitterMs: number;
}

/**
 * A delay with or without jitter: `5s`, `200ms±50ms`, and `200ms+-50ms` for keyboards without ±.
 * @throws KvcError KVC_E_USAGE
 */
export function parseDelay(text: string): Delay {
  const [delay = '', jitter, ...rest] = text.split(/±|\+-/);
  if (rest.length > 0) {
    throw new KvcError('KVC_E_USAGE', `${JSON.stringify(text)} is no delay; write it as 5s or 200ms±50ms`);
  }
  const delayMs = parseDuration(delay, limits.delayMsMax);
  const jitterMs = jitter === undefined ? 0 : parseDuration(jitter, limits.delayMsMax);
  if (jitterMs <= delayMs) return { delayMs, jitterMs };
  throw new KvcError(
    'KVC_E_USAGE',
    `the jitter in ${text} exceeds the delay, so some messages would have to leave before they were sent; ` +
      `write at most ${delay}±${delay}`,
  );
}
