import type { FaultTermsJson, LinkEffectJson } from '../cluster/controlApi.js';
import { KvcError } from '../errors.js';
import { parseDelay } from '../notation/parseDelay.js';
import { parseDuration } from '../notation/parseDuration.js';
import { parsePercent } from '../notation/parsePercent.js';
import { limits } from '../protocol/limits.js';
import { asBoolean, asObject, describeReceived } from '../protocol/fields.js';
import { asUsage } from './asUsage.js';
import type { FaultOptions } from './testCluster.js';

/** From what a test asks for to what the cluster's faults take. All of it fails with KVC_E_USAGE. */

export type ShareKind = 'drop' | 'duplicate' | 'reorder';

/** Above this no timer can be set; nobody waits so long in a test. */
const forMsMax = 7 * 24 * 3_600_000;

export function delayEffect(delay: string | number): LinkEffectJson | 'off' {
  if (delay === 'off') return 'off';
  if (typeof delay === 'number')
    return { kind: 'delay', delay_ms: wholeMs(delay, limits.delayMsMax), jitter_ms: 0 };
  const { delayMs, jitterMs } = parseDelay(requireText(delay, 'a delay', '200ms, 200ms±50ms or off'));
  return { kind: 'delay', delay_ms: delayMs, jitter_ms: jitterMs };
}

export function shareEffect(kind: ShareKind, share: string): LinkEffectJson | 'off' {
  if (share === 'off') return 'off';
  return { kind, percent: parsePercent(requireText(share, 'a share', '20% or off')) };
}

export function termsOf(options: FaultOptions, seed: number): FaultTermsJson & { readonly both: boolean } {
  const { both = false, for: time } = faultOptionsOf(options);
  return { both, for_ms: time === undefined ? null : durationMs(time), seed };
}

function faultOptionsOf(options: FaultOptions): FaultOptions {
  try {
    const { both = false } = asObject(options, 'options', ['both', 'for']);
    asBoolean(both, 'both');
    return options;
  } catch (error) {
    throw asUsage(error);
  }
}

export function requireText(input: unknown, what: string, such: string): string {
  if (typeof input === 'string') return input;
  throw new KvcError(
    'KVC_E_USAGE',
    `${what} must be text such as ${such}, received ${describeReceived(input)}`,
  );
}

function durationMs(time: string | number): number {
  if (typeof time === 'number') return wholeMs(time, forMsMax);
  return parseDuration(requireText(time, 'a duration', '30s'), forMsMax);
}

export function wholeMs(ms: number, maxMs: number): number {
  if (ms >= 0 && ms <= maxMs) return Math.round(ms);
  throw new KvcError('KVC_E_USAGE', `a time must be 0 to ${maxMs} ms, received ${ms}`);
}
