import type { KvcError } from '../errors.js';
import type { Dot } from './clock/dot.js';
import { msOfTimestamp, timestampAt, type HybridClock } from './clock/hybridClock.js';
import { containsDot, type VersionVector } from './clock/versionVector.js';
import { overloaded, requestExpired } from './refusals.js';
import type { RequestTable } from './state.js';
import type { RequestId } from './update.js';

export interface RequestLimits {
  /** Request ids remembered. Further writes with one fail with KVC_E_OVERLOADED. */
  readonly requestIdsMax: number;
  /** For how long after it was made a request id is good. A later retry fails with KVC_E_REQUEST_EXPIRED. */
  readonly requestIdsMs: number;
}

/** How many are forgotten at once, so that no step takes long. */
const forgottenAtOnceMax = 500;

/**
 * What is known of the writes that clients may send again. An id bears the time when it was made, which is why it can be
 * forgotten: once the hybrid clock is past its end nobody takes it any more, here or elsewhere, so no update with it will
 * ever be made again; and once all members have delivered those that were made (`collectable`), none is under way.
 */
export class Requests {
  readonly #table: RequestTable;
  readonly #clock: HybridClock;
  readonly #limits: RequestLimits;

  constructor(table: RequestTable, clock: HybridClock, limits: RequestLimits) {
    this.#table = table;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The dots of delivered updates with this id. */
  delivered(request: RequestId): readonly Dot[] | undefined {
    return this.#table.get(request);
  }

  /** Why a write with this id cannot be accepted; undefined if it can. */
  refusal(request: RequestId, nowMs: number): KvcError | undefined {
    const { requestIdsMax, requestIdsMs } = this.#limits;
    const atMs = Math.max(nowMs, msOfTimestamp(this.#clock.latest));
    const ageMs = atMs - madeAtMs(request);
    if (Math.abs(ageMs) > requestIdsMs) return requestExpired(request, ageMs, requestIdsMs);
    if (this.#table.size < requestIdsMax) return undefined;
    return overloaded(`${this.#table.size} request ids are remembered`);
  }

  /** Forgets ids that are of no use any more; true if there are more of them. */
  forget(collectable: VersionVector, nowMs: number): boolean {
    if (this.#table.size === 0) return false;
    // What is forgotten by this clock must not be taken for new by an earlier one after a restart.
    this.#clock.observe(timestampAt(nowMs));
    const before = String(Math.floor(msOfTimestamp(this.#clock.latest) - this.#limits.requestIdsMs));
    const old = this.#table.oldest(before, forgottenAtOnceMax);
    const useless = old.filter(({ dots }) => dots.every((dot) => containsDot(collectable, dot)));
    for (const { request } of useless) this.#table.remove(request);
    return useless.length === forgottenAtOnceMax;
  }
}

/** Ids begin with 13 digits of ms since 1970, which is also their order. */
function madeAtMs(request: RequestId): number {
  return Number(request.slice(0, 13));
}
