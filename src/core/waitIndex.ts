import type { Dot } from './clock/dot.js';
import type { ReplicaId } from './ids.js';

/**
 * Things that wait, by the one dot that each waits for. Delivering a dot takes out exactly those that waited for it, so
 * the cost of a delivery does not grow with how many others wait.
 */
export class WaitIndex<T> {
  readonly #byOrigin = new Map<ReplicaId, Map<number, Set<T>>>();

  add(dot: Dot, item: T): void {
    const byCounter = this.#byOrigin.get(dot.replica) ?? new Map<number, Set<T>>();
    this.#byOrigin.set(dot.replica, byCounter);
    const items = byCounter.get(dot.counter) ?? new Set<T>();
    byCounter.set(dot.counter, items.add(item));
  }

  /** Removes and returns what waited for `dot`, in the order in which it began to wait. */
  take(dot: Dot): Iterable<T> {
    const byCounter = this.#byOrigin.get(dot.replica);
    const items = byCounter?.get(dot.counter);
    if (byCounter === undefined || items === undefined) return [];
    byCounter.delete(dot.counter);
    return items;
  }

  remove(dot: Dot, item: T): void {
    const byCounter = this.#byOrigin.get(dot.replica);
    const items = byCounter?.get(dot.counter);
    items?.delete(item);
    if (items?.size === 0) byCounter?.delete(dot.counter);
    // A session may wait for a dot of a replica that does not exist; nothing may remain of it.
    if (byCounter?.size === 0) this.#byOrigin.delete(dot.replica);
  }
}
