/** The middle of several measurements and how far they spread: medians bear a noisy machine, means do not. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** @param samples - at least one */
export function summarise(samples: readonly number[]): Summary {
  const sorted = ascending(samples);
  return {
    median: percentile(sorted, 50),
    low: percentile(sorted, 0),
    high: percentile(sorted, 100),
    count: sorted.length,
  };
}

/** The ratio of each pair that was measured side by side, summarised: what disturbs both sides cancels out. */
export function summariseRatios(numerators: readonly number[], denominators: readonly number[]): Summary {
  return summarise(numerators.map((numerator, round) => numerator / (denominators[round] ?? NaN)));
}

/** Nearest rank; 0 is the least and 100 the greatest. @param sorted - ascending, at least one */
export function percentile(sorted: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? NaN;
}

export function ascending(samples: readonly number[]): number[] {
  return [...samples].sort((left, right) => left - right);
}
