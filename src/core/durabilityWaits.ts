import type { Dot } from './clock/dot.js';
import { Fifo } from './fifo.js';
import type { ReplicaId } from './ids.js';
import type { RequestName, TimedRequest } from './step.js';

/** A write that is visible here, whose client asked that more replicas have it before the answer. */
export interface DurabilityWait extends TimedRequest {
  readonly dot: Dot;
  /** How many replicas, this one included. */
  readonly replicas: number;
}

/** What is known of who has made what durable. */
export interface Durability {
  /** The last of this replica's own updates that so many replicas have. */
  ownAt(replicas: number): number;
  /** How many replicas have an update. */
  countOf(dot: Dot): number;
}

/**
 * Writes that wait until enough replicas have made them durable. How many is bounded where they come from: those accepted
 * here by `unpersistedMax`, others by how many requests the driver has open.
 */
export class DurabilityWaits {
  readonly #self: ReplicaId;
  /** By number of replicas, own writes in the order of their counters: the first in line is the first to be done. */
  readonly #own = new Map<number, Fifo<DurabilityWait>>();
  /** Retries of writes that were delivered before, in no order: few, but where clients turn from a lost node to this one. */
  readonly #others = new Set<DurabilityWait>();
  readonly #open = new Map<RequestName, DurabilityWait>();
  #earliestMs = Infinity;

  constructor(self: ReplicaId) {
    this.#self = self;
  }

  get size(): number {
    return this.#open.size;
  }

  /** No wait's deadline is earlier. */
  get earliestDeadlineMs(): number {
    return this.#earliestMs;
  }

  add(wait: DurabilityWait): void {
    this.#open.set(wait.request, wait);
    this.#earliestMs = Math.min(this.#earliestMs, wait.deadlineMs);
    const queue = this.#own.get(wait.replicas) ?? new Fifo<DurabilityWait>();
    const isInOrder = (queue.at(queue.size - 1)?.dot.counter ?? 0) <= wait.dot.counter;
    if (wait.dot.replica !== this.#self || !isInOrder) this.#others.add(wait);
    else {
      this.#own.set(wait.replicas, queue);
      queue.push(wait);
    }
  }

  /** Takes out those that enough replicas have. */
  settle(durability: Durability): DurabilityWait[] {
    const done: DurabilityWait[] = [];
    for (const [replicas, queue] of this.#own) {
      const counter = durability.ownAt(replicas);
      for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
        if (next.dot.counter > counter) break;
        queue.shift();
        if (this.#open.delete(next.request)) done.push(next);
      }
      if (queue.size === 0) this.#own.delete(replicas);
    }
    for (const wait of this.#others) {
      if (durability.countOf(wait.dot) < wait.replicas) continue;
      this.#others.delete(wait);
      if (this.#open.delete(wait.request)) done.push(wait);
    }
    return done;
  }

  /** Nobody waits any more. */
  cancel(request: RequestName): void {
    const wait = this.#open.get(request);
    if (wait === undefined) return;
    this.#open.delete(request);
    this.#others.delete(wait);
    this.#dropEnded();
  }

  /** Takes out those whose deadline has passed. */
  expire(nowMs: number): DurabilityWait[] {
    if (nowMs < this.#earliestMs) return [];
    const expired = [...this.#open.values()].filter(({ deadlineMs }) => deadlineMs <= nowMs);
    for (const wait of expired) {
      this.#open.delete(wait.request);
      this.#others.delete(wait);
    }
    this.#dropEnded();
    this.#earliestMs = Infinity;
    for (const { deadlineMs } of this.#open.values())
      this.#earliestMs = Math.min(this.#earliestMs, deadlineMs);
    return expired;
  }

  /** Not each time, for it looks at all that wait: no queue is longer than twice what is open. */
  #dropEnded(): void {
    for (const [replicas, queue] of this.#own) {
      if (queue.size <= 2 * this.#open.size) continue;
      for (const wait of queue.take(queue.size)) if (this.#open.has(wait.request)) queue.push(wait);
      if (queue.size === 0) this.#own.delete(replicas);
    }
  }
}
