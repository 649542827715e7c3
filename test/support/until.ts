import { setTimeout as sleep } from 'node:timers/promises';

const deadlineMsDefault = 10_000;

/**
 * Awaits that `probe` returns something other than undefined or false, and returns it. A probe that throws has not
 * come true yet; what it threw last is told when the deadline passes.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = deadlineMsDefault,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  let failure: unknown;
  do {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await sleep(2);
  } while (performance.now() < deadline);
  throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause: failure });
}
