/** Longest time after which kvc makes a value expire: ten years. */
const ttlMsMax = 10 * 365 * 24 * 3600 * 1000;

/**
 * A time to live as Keyv gives it, as one that kvc takes. Keyv puts the time of expiry into the value, too, and does not show a
 * value beyond it; so a fraction is rounded up, and a time that is longer than kvc knows is left to Keyv.
 */
export function ttlMsOf(ttl: number | undefined): number | undefined {
  if (ttl === undefined || !Number.isFinite(ttl) || ttl > ttlMsMax) return undefined;
  return Math.max(1, Math.ceil(ttl));
}
