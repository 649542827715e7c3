import { formatDot } from '../core/clock/dot.js';
import { counterOf, formatVector, type VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { Update } from '../core/update.js';
import { KvcError } from '../errors.js';

/** Refuses an update that does not follow the last one of its origin: a log with a gap could never be read back. */
export function assertNext(clock: VersionVector, { dot }: Update): void {
  const expected = counterOf(clock, dot.replica) + 1;
  if (dot.counter === expected) return;
  const why = `${formatDot(dot)} was appended to the log where ${dot.replica}:${expected} belongs`;
  throw new KvcError('KVC_E_INTERNAL', why, { dot, expected });
}

/**
 * Refuses to read counters that a log does not hold.
 * @throws KvcError KVC_E_LOG_TRUNCATED if it no longer holds them, KVC_E_INTERNAL if it never could
 */
export function assertHeld(
  log: { readonly start: VersionVector; readonly clock: VersionVector },
  origin: ReplicaId,
  first: number,
  last: number,
): void {
  const gone = counterOf(log.start, origin);
  if (first > gone && last <= counterOf(log.clock, origin)) return;
  const asked = `${origin}:${first} to ${origin}:${last} were asked for`;
  if (first < 1 || last > counterOf(log.clock, origin)) {
    const why = `${asked}, but the log ends at ${formatVector(log.clock)}`;
    throw new KvcError('KVC_E_INTERNAL', why, { origin, first, last });
  }
  const why = `${asked}, but the log no longer holds what comes before ${origin}:${gone + 1}`;
  throw new KvcError('KVC_E_LOG_TRUNCATED', why, { origin, first, last, gone });
}

/** The entries of `vector` that exceed those of `clock`: what a jump from there to it leaves out. */
export function beyond(clock: VersionVector, vector: VersionVector): VersionVector {
  return new Map([...vector].filter(([origin, counter]) => counter > counterOf(clock, origin)));
}

/** How many updates lie between two vectors, of which `clock` covers `start`. */
export function countBetween(start: VersionVector, clock: VersionVector): number {
  let updates = 0;
  for (const [origin, counter] of clock) updates += counter - counterOf(start, origin);
  return updates;
}
