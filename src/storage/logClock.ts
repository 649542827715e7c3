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

/** Refuses to read counters that a log does not hold. `start` is what has gone from its beginning. */
export function assertHeld(
  log: { readonly start: VersionVector; readonly clock: VersionVector },
  origin: ReplicaId,
  first: number,
  last: number,
): void {
  if (first > counterOf(log.start, origin) && last <= counterOf(log.clock, origin)) return;
  const why = `${origin}:${first} to ${origin}:${last} were asked for, but the log ends at ${formatVector(log.clock)}`;
  throw new KvcError('KVC_E_INTERNAL', why, { origin, first, last });
}
