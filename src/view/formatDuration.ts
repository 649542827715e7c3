const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A duration exactly, as a command line takes it: `200ms`, `1.5s`, `1m5s`, `2h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / hourMs);
  const minutes = Math.floor((ms % hourMs) / minuteMs);
  const restMs = ms % minuteMs;
  return [
    hours > 0 ? `${hours}h` : '',
    minutes > 0 ? `${minutes}m` : '',
    restMs > 0 ? `${restMs / 1000}s` : '',
  ].join('');
}
