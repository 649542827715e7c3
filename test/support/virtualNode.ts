import { formatDot, type Dot } from '../../src/core/clock/dot.js';
import { counterOf, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { DeliveredFacts, DeliveryMode } from '../../src/core/delivery.js';
import type { ReplicaId } from '../../src/core/ids.js';
import { Replica, type ReplicaLimits } from '../../src/core/replica.js';
import type { History } from '../../src/core/state.js';
import type { Effect, Input, RequestNumber } from '../../src/core/step.js';
import type { Operation, RequestId, Update } from '../../src/core/update.js';
import type { Versions } from '../../src/core/versions.js';
import type { CausalOracle, DotText, View } from './causalOracle.js';
import { TestHistory, TestKeyspace, TestRequests } from './memoryState.js';
import type { SeededRandom } from './seededRandom.js';
import { nothingDelivered } from './stepDriver.js';

export interface VirtualNodeOptions {
  readonly self: ReplicaId;
  readonly members: readonly ReplicaId[];
  readonly delivery: DeliveryMode;
  readonly limits: Partial<ReplicaLimits>;
  readonly random: SeededRandom;
  readonly oracle: CausalOracle;
}

interface Checkpoint {
  readonly facts: DeliveredFacts;
  readonly versions: ReadonlyMap<string, Versions>;
  readonly requests: ReadonlyMap<RequestId, readonly Dot[]>;
  readonly applied: ReadonlyMap<DotText, number>;
  /** How much of the history it reflects at the most: it is of use only where a crash has left that much. */
  readonly position: number;
}

const emptyCheckpoint: Checkpoint = {
  facts: nothingDelivered,
  versions: new Map(),
  requests: new Map(),
  applied: new Map(),
  position: 0,
};

/**
 * A replica with a disk that loses in a crash what it did not promise to keep, watched by the oracle. It checks what every
 * driver relies on: that effects name durable dots only.
 */
export class VirtualNode {
  readonly id: ReplicaId;
  readonly #options: VirtualNodeOptions;
  /** What the writer of each list of operations has observed; a sessionless one has seen what the replica shows. */
  readonly #observed = new Map<readonly Operation[], readonly DotText[] | undefined>();
  readonly #touched = new Set<DotText>();
  #checkpoint = emptyCheckpoint;
  #history = new TestHistory();
  #durable = 0;
  readonly #durableClock = new Map<ReplicaId, number>();
  /** Counts restarts: what was under way for an earlier incarnation is nothing to this one. */
  incarnation = 0;
  isUp = true;
  keys!: TestKeyspace;
  requests!: TestRequests;
  view!: View;
  replica!: Replica;

  constructor(options: VirtualNodeOptions) {
    this.#options = options;
    this.id = options.self;
    this.start();
  }

  /** Opens what the disk has: the checkpoint, then the log above it. */
  start(): void {
    const { oracle, random, ...options } = this.#options;
    const { facts, versions, requests, applied } = this.#checkpoint;
    this.isUp = true;
    this.incarnation += 1;
    this.view = { name: this.id, applied: new Map(applied) };
    this.keys = new WatchedKeyspace(versions, (dot) => {
      this.#touched.add(dot);
      oracle.applied(this.view, dot);
    });
    this.requests = new TestRequests(requests);
    const state = { keys: this.keys, requests: this.requests, history: this.#watchedHistory() };
    this.replica = new Replica({ ...options, random: random.next }, state, facts);
    for (const update of this.#history.updates) {
      if (update.dot.counter > counterOf(facts.clock, update.dot.replica)) this.replica.replay(update);
    }
    this.#checkWhole();
  }

  /** Loses all memory, and of the disk some of what was not yet reported as durable. */
  crash(): number {
    const { random, oracle } = this.#options;
    const kept = random.between(this.#durable, this.#history.appended);
    const content = this.#history.durablePart(kept);
    const lost = this.#history.updates.slice(content.updates.length);
    for (const { dot } of lost) if (dot.replica === this.id) oracle.lost(formatDot(dot));
    if (this.#checkpoint.position > content.updates.length)
      throw new Error('a checkpoint must follow the log');
    this.#history = new TestHistory(content);
    this.#durable = 0;
    for (const { dot } of content.updates) this.#durableClock.set(dot.replica, dot.counter);
    this.isUp = false;
    return lost.length;
  }

  /** Stores the keys as they are, if the log holds durably what they reflect. */
  checkpoint(): void {
    if (this.#durable < this.#history.appended) return;
    this.#checkpoint = {
      facts: this.replica.facts(),
      versions: new Map(this.keys.versions),
      requests: new Map(this.requests.dots),
      applied: new Map(this.view.applied),
      position: this.#history.updates.length,
    };
  }

  /** Remembers who writes before the replica is told, so that the oracle knows what that writer has seen. */
  write(
    request: RequestNumber,
    operations: readonly Operation[],
    session: { context: VersionVector; observed: readonly DotText[] } | undefined,
    deadlineMs: number,
    nowMs: number,
  ): Effect[] {
    this.#observed.set(operations, session?.observed);
    return this.step({ kind: 'write', request, operations, context: session?.context, deadlineMs }, nowMs);
  }

  step(input: Input, nowMs: number): Effect[] {
    if (input.kind === 'persisted' && input.sequence > this.#durable) {
      this.#durable = input.sequence;
      for (const { dot } of this.#history.durablePart(input.sequence).updates) {
        this.#durableClock.set(dot.replica, dot.counter);
      }
    }
    const effects = this.replica.step(input, nowMs);
    this.#checkWhole();
    for (const effect of effects) this.#checkDurable(effect);
    return effects;
  }

  updates(origin: ReplicaId, first: number, last: number): Update[] {
    return this.#history.updates.filter(
      ({ dot }) => dot.replica === origin && dot.counter >= first && dot.counter <= last,
    );
  }

  #watchedHistory(): History {
    const history = this.#history;
    return { append: this.#append, conflicts: (update) => history.conflicts(update), start: history.start };
  }

  #append = (update: Update): number => {
    if (update.dot.replica === this.id) {
      const observed = this.#observed.get(update.operations) ?? [...this.view.applied.keys()];
      this.#options.oracle.accepted(update, observed);
    }
    return this.#history.append(update);
  };

  #checkWhole(): void {
    this.#options.oracle.checkWhole(this.view, this.#touched);
    this.#touched.clear();
  }

  #checkDurable(effect: Effect): void {
    for (const { replica, counter } of dotsThatLeave(effect)) {
      if (counter <= counterOf(this.#durableClock, replica)) continue;
      this.#options.oracle.violations.push(`${this.id} lets ${replica}:${counter} out before it is durable`);
    }
  }
}

function dotsThatLeave(effect: Effect): Dot[] {
  if (effect.kind === 'written') return [effect.dot];
  if (effect.kind === 'ship') return [{ replica: effect.origin, counter: effect.last }];
  if (effect.kind !== 'answer') return [];
  return [...effect.answer.clock].map(([replica, counter]) => ({ replica, counter }));
}

/** Tells which dot each `set` brings. */
class WatchedKeyspace extends TestKeyspace {
  readonly #onApplied: (dot: DotText) => void;

  constructor(versions: ReadonlyMap<string, Versions>, onApplied: (dot: DotText) => void) {
    super(versions);
    this.#onApplied = onApplied;
  }

  override set(key: string, versions: Versions): void {
    const before = this.get(key);
    super.set(key, versions);
    const fresh = versions.filter((version) => !before?.includes(version));
    for (const { dot } of fresh) this.#onApplied(formatDot(dot));
  }
}
