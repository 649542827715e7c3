import type { Dot } from './clock/dot.js';
import type { ReplicaId } from './ids.js';
import { contentBytes, type Update } from './update.js';
import { WaitIndex } from './waitIndex.js';

/** An update that was received before something it depends on. */
export interface PendingUpdate {
  readonly update: Update;
  readonly sinceMs: number;
  /** The dot that it waits for; when that is delivered, there may be another one. */
  missing: Dot;
}

/** Received updates that cannot be delivered yet. The owner bounds how many. */
export class PendingUpdates {
  readonly #byOrigin = new Map<ReplicaId, Map<number, PendingUpdate>>();
  readonly #waiting = new WaitIndex<PendingUpdate>();
  readonly #inOrderOfArrival = new Set<PendingUpdate>();
  /** Per origin, where the last run that `runAfter` walked ended; it stays good, for delivery alone removes single updates. */
  readonly #runEnds = new Map<ReplicaId, number>();

  #bytes = 0;

  get size(): number {
    return this.#inOrderOfArrival.size;
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The replicas whose updates are pending. */
  get origins(): Iterable<ReplicaId> {
    return this.#byOrigin.keys();
  }

  get(dot: Dot): PendingUpdate | undefined {
    return this.#byOrigin.get(dot.replica)?.get(dot.counter);
  }

  add(update: Update, missing: Dot, sinceMs: number): void {
    const pending: PendingUpdate = { update, sinceMs, missing };
    const { replica, counter } = update.dot;
    const byCounter = this.#byOrigin.get(replica) ?? new Map<number, PendingUpdate>();
    this.#byOrigin.set(replica, byCounter.set(counter, pending));
    this.#inOrderOfArrival.add(pending);
    this.#bytes += contentBytes(update.operations);
    this.#waiting.add(missing, pending);
  }

  /** Takes those that waited for `dot` out of the index. Each must then be made to wait again, or be removed. */
  wake(dot: Dot): Iterable<PendingUpdate> {
    return this.#waiting.take(dot);
  }

  waitFor(pending: PendingUpdate, missing: Dot): void {
    pending.missing = missing;
    this.#waiting.add(missing, pending);
  }

  /** Forgets an update that `wake` returned. */
  remove(pending: PendingUpdate): void {
    const { replica, counter } = pending.update.dot;
    const byCounter = this.#byOrigin.get(replica);
    byCounter?.delete(counter);
    if (byCounter?.size === 0) this.#byOrigin.delete(replica);
    this.#inOrderOfArrival.delete(pending);
    this.#bytes -= contentBytes(pending.update.operations);
  }

  /** Forgets all updates of one origin, which left the cluster; a member that has delivered one of them will bring it. */
  removeFrom(origin: ReplicaId): void {
    for (const pending of this.#byOrigin.get(origin)?.values() ?? []) {
      this.#waiting.remove(pending.missing, pending);
      this.remove(pending);
    }
    this.#runEnds.delete(origin);
  }

  /** The end of the gap-free run of pending updates of `origin` that follows `counter`, the last one delivered. */
  runAfter(origin: ReplicaId, counter: number): number {
    const byCounter = this.#byOrigin.get(origin);
    let last = Math.max(counter, this.#runEnds.get(origin) ?? 0);
    while (byCounter?.has(last + 1)) last += 1;
    this.#runEnds.set(origin, last);
    return last;
  }

  /** Oldest first. */
  values(): Iterable<PendingUpdate> {
    return this.#inOrderOfArrival.values();
  }
}
