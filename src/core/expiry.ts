import type { Delivery } from './delivery.js';
import type { ReplicaId } from './ids.js';
import type { Links } from './links.js';
import type { Operation } from './update.js';
import type { RegisterVersion } from './versions.js';

/** How long the other replicas leave a value to the one that accepted it, and each further one to those before it. */
const graceMs = 1000;
const rankMs = 250;

/** After this it is tried again, where the disk is behind. */
const pauseMs = 100;

/** Keys looked at in one step, so that none takes long. */
const keysAtOnceMax = 500;

export interface ExpiryParts {
  readonly self: ReplicaId;
  readonly delivery: Delivery;
  readonly links: Links;
  /** So much waits for the disk that no more is to be written. */
  readonly isBusy: () => boolean;
  /** Makes an own update of what has expired. */
  readonly issue: (operations: readonly Operation[], nowMs: number) => void;
}

/**
 * Makes values expire. That is an update like any other, which takes away the value of exactly one write, so that it is
 * replicated, has a place in the causal order, and never comes back: no replica hides a value by a look at its own clock, for
 * then one that is behind would show it again.
 *
 * The replica that accepted a value makes it expire, by the clock by which it counted. Where that one has left or is silent, the
 * others do it after a while, by theirs, one after the other; two that do it at once do the same.
 */
export class Expiry {
  readonly #parts: ExpiryParts;
  #pausedUntilMs = -Infinity;

  constructor(parts: ExpiryParts) {
    this.#parts = parts;
  }

  get nextMs(): number {
    return Math.max(this.#parts.delivery.expiring.nextMs, this.#pausedUntilMs);
  }

  run(nowMs: number): void {
    const { delivery, isBusy, issue } = this.#parts;
    if (nowMs < this.nextMs) return;
    if (isBusy()) {
      this.#pausedUntilMs = nowMs + pauseMs;
      return;
    }
    const operations = delivery.expiring.take(nowMs, keysAtOnceMax).flatMap((key) => this.#look(key, nowMs));
    if (operations.length > 0) issue(operations, nowMs);
  }

  #look(key: string, nowMs: number): Operation[] {
    const { delivery } = this.#parts;
    const operations: Operation[] = [];
    let laterMs = Infinity;
    for (const version of delivery.registersAt(key)) {
      const dueMs = this.#dueMs(version, nowMs);
      if (dueMs > nowMs) laterMs = Math.min(laterMs, dueMs);
      else operations.push({ kind: 'expire', key, dot: version.dot });
    }
    if (laterMs !== Infinity) delivery.expiring.lookAt(key, laterMs);
    return operations;
  }

  /** When this replica is to make a value expire, as far as can be said now; Infinity if it does not expire, or has. */
  #dueMs({ dot, expiresMs, expiredBy }: RegisterVersion, nowMs: number): number {
    if (expiresMs === undefined || expiredBy !== undefined) return Infinity;
    const { self, delivery, links } = this.#parts;
    const { membership } = delivery;
    if (dot.replica === self) return expiresMs;
    const served = membership.isMember(dot.replica) && !links.isSilent(dot.replica, nowMs);
    // The longer its clock is behind, the more seldom it is looked whether it is silent now.
    if (served) return Math.max(expiresMs, nowMs) + graceMs + Math.max(0, nowMs - expiresMs) / 8;
    const others = membership.current.filter((replica) => replica !== dot.replica);
    return expiresMs + graceMs + Math.max(0, others.indexOf(self)) * rankMs;
  }
}
