import { emptyVector, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { Condition } from '../../src/core/condition.js';
import type { DeliveredFacts } from '../../src/core/delivery.js';
import { Replica, type ReplicaOptions } from '../../src/core/replica.js';
import type { ReplicaLimits } from '../../src/core/replicaLimits.js';
import type { Effect, Input } from '../../src/core/step.js';
import type { Operation, RequestId, Update } from '../../src/core/update.js';
import type { Versions } from '../../src/core/versions.js';
import { id, nodeName } from './builders.js';
import { TestHistory, TestKeyspace, TestRequests } from './memoryState.js';

export const nothingDelivered: DeliveredFacts = {
  clock: emptyVector,
  timestamp: 0,
  liveKeys: 0,
  conflictedKeys: 0,
  members: [],
};

export interface DriverOptions extends Partial<Pick<ReplicaOptions, 'delivery'>> {
  readonly self?: string;
  readonly members?: readonly string[];
  readonly limits?: Partial<ReplicaLimits>;
  /** What an earlier incarnation left behind. */
  readonly history?: readonly Update[];
  /** Where it listens, if it is no founder. */
  readonly address?: string;
  /** What it starts from, if not from nothing; a joined replica's snapshot. */
  readonly facts?: DeliveredFacts;
  readonly keys?: ReadonlyMap<string, Versions>;
}

/** What a message says besides who sends it, with which updates and which vector. */
interface MessageParts {
  readonly unreached?: readonly string[];
  readonly offersSnapshot?: boolean;
}

/** Drives one replica by hand: every input is given explicitly, and the effects of each step are returned. */
export class StepDriver {
  readonly keys: TestKeyspace;
  readonly requests = new TestRequests();
  readonly history: TestHistory;
  readonly replica: Replica;
  nowMs = 1000;
  #lastNumber = 0;

  constructor(options: DriverOptions = {}) {
    this.keys = new TestKeyspace(options.keys);
    const facts = options.facts ?? nothingDelivered;
    this.history = new TestHistory({ updates: options.history ?? [], start: facts.clock });
    this.replica = new Replica(
      {
        self: id(options.self ?? 'a'),
        founders: (options.members ?? ['a', 'b', 'c']).map(id),
        delivery: options.delivery ?? 'causal',
        random: () => 0.5,
        ...(options.address !== undefined && { address: options.address }),
        ...(options.limits && { limits: options.limits }),
      },
      { keys: this.keys, requests: this.requests, history: this.history },
      facts,
    );
    for (const update of this.history.updates) this.replica.replay(update);
  }

  step(input: Input): Effect[] {
    return this.replica.step(input, this.nowMs);
  }

  write(operations: readonly Operation[], context?: VersionVector, deadlineMs = this.nowMs + 5000): Effect[] {
    this.#lastNumber += 1;
    return this.step({ kind: 'write', request: this.#lastNumber, operations, context, deadlineMs });
  }

  /** A write that its client may send again, or that is to be at several replicas. */
  writeAs(
    operations: readonly Operation[],
    parts: {
      requestId?: RequestId;
      replicas?: number;
      deadlineMs?: number;
      context?: VersionVector;
      condition?: Condition;
    },
  ): Effect[] {
    this.#lastNumber += 1;
    const { context, deadlineMs = this.nowMs + 5000, ...others } = parts;
    return this.step({
      kind: 'write',
      request: this.#lastNumber,
      operations,
      context,
      deadlineMs,
      ...others,
    });
  }

  admit(replica: string, deadlineMs = this.nowMs + 5000): Effect[] {
    this.#lastNumber += 1;
    const address = `at ${replica}`;
    return this.step({ kind: 'admit', request: this.#lastNumber, replica: id(replica), address, deadlineMs });
  }

  leave(deadlineMs = this.nowMs + 5000): Effect[] {
    this.#lastNumber += 1;
    return this.step({ kind: 'leave', request: this.#lastNumber, deadlineMs });
  }

  remove(node: string, deadlineMs = this.nowMs + 5000): Effect[] {
    this.#lastNumber += 1;
    return this.step({ kind: 'remove', request: this.#lastNumber, node: nodeName(node), deadlineMs });
  }

  await(context: VersionVector, deadlineMs = this.nowMs + 5000): Effect[] {
    this.#lastNumber += 1;
    return this.step({ kind: 'await', request: this.#lastNumber, context, deadlineMs });
  }

  /** The number of the latest request or message. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  receive(
    from: string,
    updates: readonly Update[],
    clock: VersionVector = emptyVector,
    { unreached = [], offersSnapshot = false }: MessageParts = {},
  ): Effect[] {
    this.#lastNumber += 1;
    return this.step({
      kind: 'receive',
      message: this.#lastNumber,
      from: id(from),
      clock,
      unreached: unreached.map(nodeName),
      offersSnapshot,
      updates,
    });
  }

  /** The disk has kept everything appended so far. */
  persistAll(): Effect[] {
    return this.step({ kind: 'persisted', sequence: this.history.appended });
  }

  /** A write together with its way to the disk: the effects of both steps. */
  writeDurably(operations: readonly Operation[], context?: VersionVector): Effect[] {
    return [...this.write(operations, context), ...this.persistAll()];
  }

  fenced(peer: string): Effect[] {
    return this.step({ kind: 'fenced', peer: id(peer) });
  }

  /** A peer's answer that says it holds `clock` durably. */
  answered(
    peer: string,
    clock: VersionVector,
    received: VersionVector = emptyVector,
    { refused = 0, from = peer, unreached = [] as readonly string[] } = {},
  ): Effect[] {
    const answer = { from: id(from), clock, received, refused, unreached: unreached.map(nodeName) };
    return this.step({ kind: 'answered', peer: id(peer), answer });
  }

  unanswered(peer: string): Effect[] {
    return this.step({ kind: 'unanswered', peer: id(peer) });
  }

  /** A peer's answer that it does not know this replica. */
  unknown(peer: string): Effect[] {
    return this.step({ kind: 'unknown', peer: id(peer) });
  }

  tick(nowMs = this.nowMs): Effect[] {
    this.nowMs = nowMs;
    return this.step({ kind: 'tick' });
  }
}

/** The effects of one kind. */
export function only<K extends Effect['kind']>(
  effects: readonly Effect[],
  kind: K,
): Extract<Effect, { kind: K }>[] {
  return effects.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind);
}

/** The effect that ships own updates of `a` to a peer, or asks it for its vector. */
export function shipment(peer: string, first: number, last: number, origin = 'a'): Effect {
  return { kind: 'ship', peer: id(peer), origin: id(origin), first, last, offersSnapshot: false };
}
