import type { Dot } from '../../src/core/clock/dot.js';
import { counterOf, containsDot, raise, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { DeliveredFacts } from '../../src/core/delivery.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { RequestId, Update } from '../../src/core/update.js';
import type { Versions } from '../../src/core/versions.js';
import { TestHistory } from './memoryState.js';
import type { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { nothingDelivered } from './stepDriver.js';

/** The state of a replica at one moment: what a checkpoint stores, and what a peer gets that is behind. */
export interface Snapshot {
  readonly facts: DeliveredFacts;
  readonly versions: ReadonlyMap<string, Versions>;
  readonly requests: ReadonlyMap<RequestId, readonly Dot[]>;
}

const nothing: Snapshot = { facts: nothingDelivered, versions: new Map(), requests: new Map() };

/** What a replica keeps: a checkpoint of its state, and the log. A crash takes from the log what was not yet reported durable. */
export class VirtualDisk {
  readonly self: ReplicaId;
  #history: TestHistory;
  #state: Snapshot;
  /** How many of the log's updates the checkpoint reflects: it is of use only where a crash has left that many. */
  #position = 0;
  #flushed = 0;
  readonly #durable: Map<ReplicaId, number>;

  constructor(self: ReplicaId, state = nothing) {
    this.self = self;
    this.#state = state;
    this.#history = new TestHistory({ updates: [], start: state.facts.clock });
    this.#durable = new Map(state.facts.clock);
  }

  get history(): TestHistory {
    return this.#history;
  }

  get state(): Snapshot {
    return this.#state;
  }

  /** What no crash can take any more. */
  get durable(): VersionVector {
    return this.#durable;
  }

  get isFlushed(): boolean {
    return this.#flushed === this.#history.appended;
  }

  flush(sequence: number): void {
    if (sequence <= this.#flushed) return;
    const { updates } = this.#history.durablePart(sequence);
    this.#keep(updates.slice(this.#flushed - sequence));
    this.#flushed = sequence;
  }

  /** @returns what is lost */
  crash(random: SeededRandom): readonly Update[] {
    const kept = this.#history.durablePart(random.between(this.#flushed, this.#history.appended));
    const lost = this.#history.updates.slice(kept.updates.length);
    this.#keep(kept.updates);
    this.#history = new TestHistory(kept);
    this.#flushed = 0;
    return lost;
  }

  /** The state reflects all of the log, which is flushed. */
  checkpoint(state: Snapshot): void {
    this.#state = state;
    this.#position = this.#history.updates.length;
  }

  /** The state reflects all of the log, and what is in a peer's snapshot besides. */
  install(state: Snapshot): void {
    const ahead = [...state.facts.clock].filter(
      ([replica, counter]) => counter > counterOf(this.#durable, replica),
    );
    this.#history.forget(new Map(ahead));
    raise(this.#durable, state.facts.clock);
    this.checkpoint(state);
  }

  /**
   * Drops the oldest updates from the log, but none that the checkpoint does not reflect.
   * @param isUseless - whether an update is to go; the first for which it does not hold keeps all behind it
   */
  truncate(isUseless: (dot: Dot) => boolean): readonly Update[] {
    const reflected = this.#history.updates.slice(0, this.#position);
    const first = reflected.findIndex(({ dot }) => !isUseless(dot));
    const dropped = first < 0 ? reflected : reflected.slice(0, first);
    this.#history.drop(dropped.length);
    this.#position -= dropped.length;
    return dropped;
  }

  #keep(updates: readonly Update[]): void {
    for (const { dot } of updates) raise(this.#durable, new Map([[dot.replica, dot.counter]]));
  }

  /** The updates that the log has above its checkpoint. */
  *replayed(): Generator<Update> {
    for (const update of this.#history.updates) {
      if (!containsDot(this.#state.facts.clock, update.dot)) yield update;
    }
  }
}
