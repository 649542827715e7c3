/** Of one ms. */
const ticksPerMs = 16_000;
const ticksMax = 2 ** 32 - 1;
/** Buckets of each power of two: what is told is at most 1/128 more than what was recorded. */
const stepBits = 7;
const steps = 2 ** stepBits;
/** Below this, every tick has a bucket of its own. */
const exactTicks = 2 * steps;
const buckets = exactTicks + (32 - stepBits - 1) * steps;

/**
 * Durations in ms, any number of them in the same 27 kB: their count for each power of two in 128 steps. Exact to 0.1 us below
 * 16 us, to 0.8 % above. What takes longer than 268 s counts as that; the greatest is kept as it is.
 */
export class Histogram {
  readonly #counts = new Float64Array(buckets);
  #count = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  record(ms: number): void {
    const bucket = bucketOf(Math.min(ticksMax, Math.max(0, Math.round(ms * ticksPerMs))));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /** Nearest rank, in ms; of 100 exactly the greatest. NaN if nothing was recorded. */
  percentile(percent: number): number {
    if (this.#count === 0) return NaN;
    if (percent === 100) return this.#maxMs;
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return Math.min(highestOf(bucket) / ticksPerMs, this.#maxMs);
    }
    return this.#maxMs;
  }
}

function bucketOf(ticks: number): number {
  if (ticks < exactTicks) return ticks;
  const shift = 31 - Math.clz32(ticks) - stepBits;
  return exactTicks + (shift - 1) * steps + ((ticks >>> shift) - steps);
}

/** The most ticks that fall into it. */
function highestOf(bucket: number): number {
  if (bucket < exactTicks) return bucket;
  const shift = Math.floor((bucket - exactTicks) / steps) + 1;
  const step = steps + ((bucket - exactTicks) % steps);
  return (step + 1) * 2 ** shift - 1;
}
