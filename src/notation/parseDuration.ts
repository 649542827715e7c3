import { KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { formatDuration } from '../view/formatDuration.js';

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const durationForm = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const partForm = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

/** A week: nothing that a command waits for takes longer. */
const defaultMaxMs = 7 * 24 * 3_600_000;

/**
 * A duration as people write it: `200ms`, `1.5s`, `2m`, `1h30m`. Rounded to whole milliseconds.
 * @param maxMs - the longest allowed, inclusive; default a week
 * @throws KvcError KVC_E_USAGE
 */
export function parseDuration(text: string, maxMs = defaultMaxMs): number {
  if (!durationForm.test(text)) {
    throw new KvcError(
      'KVC_E_USAGE',
      `${JSON.stringify(text.slice(0, 60))} is no duration; write a number with its unit, as in 5s, 200ms or 1.5m`,
    );
  }
  const ms = Math.round([...text.matchAll(partForm)].reduce((sum, part) => sum + partMs(part), 0));
  if (ms <= maxMs) return ms;
  throw new KvcError('KVC_E_USAGE', `${text} is too long; at most ${formatDuration(maxMs)} is allowed`);
}

/**
 * After how long a value expires: a duration of at least 1 ms, at most ten years.
 * @throws KvcError KVC_E_USAGE
 */
export function parseLifetime(text: string): number {
  const ms = parseDuration(text, limits.ttlMsMax);
  if (ms > 0) return ms;
  throw new KvcError('KVC_E_USAGE', `${text} is too short; a value lives 1ms or longer`);
}

function partMs([, amount = '', unit = '']: RegExpMatchArray): number {
  return Number(amount) * (unitsMs[unit] ?? 0);
}
