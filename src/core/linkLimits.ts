/** How one replica ships its log to one peer. Times are in ms. */
export interface LinkLimits {
  /** Batches under way on a link that answers promptly. While they are, the next batch fills up. */
  readonly window: number;
  /** Batches under way at the most, on a link that is slow to answer. */
  readonly windowMax: number;
  /** On a slow link, a further batch leaves beyond `window` after this long, so that latency does not cost freshness. */
  readonly paceMs: number;
  /** Updates in one batch. */
  readonly batchUpdatesMax: number;
  /** Updates of one origin shipped and not acknowledged: it bounds what a slow peer and the messages to it hold in memory. */
  readonly unackedUpdatesMax: number;
  /**
   * A peer that has not acknowledged everything is asked for its vector this long after it was last sent anything. That it
   * talks meanwhile does not count: it may have restarted and lost what it held in memory.
   */
  readonly probeMs: number;
  /** A peer that has acknowledged everything is asked this long after it was last heard. */
  readonly heartbeatMs: number;
  /** The first pause after a failure; it doubles up to the greatest, each time with jitter of half of it. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}

export const linkLimitDefaults: LinkLimits = {
  window: 4,
  windowMax: 256,
  paceMs: 20,
  batchUpdatesMax: 512,
  unackedUpdatesMax: 16_384,
  probeMs: 100,
  heartbeatMs: 1000,
  backoffMinMs: 50,
  backoffMaxMs: 1000,
};
