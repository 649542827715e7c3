import { formatDuration } from './formatDuration.js';

/** How long something has taken so far, no finer than a reader cares for: `80ms`, `3.1s`, `2m5s`. Never negative. */
export function formatElapsed(ms: number): string {
  const stepMs = ms < 999.5 ? 1 : ms < 59_950 ? 100 : 1000;
  return formatDuration(Math.round(Math.max(0, ms) / stepMs) * stepMs);
}
