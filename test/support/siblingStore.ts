import type { Access, Operation, Read, Returned, Write } from '../../src/check/history.js';
import type { SeededRandom } from '../../src/simulate/machine/seededRandom.js';

const replicas = 3;
const sessions = 4;
const keys = ['x', 'y'];

type Vector = readonly number[];

interface Version {
  readonly replica: number;
  readonly counter: number;
  readonly timestamp: number;
  readonly value: string | null;
}

interface Update {
  readonly replica: number;
  readonly counter: number;
  readonly timestamp: number;
  readonly follows: Vector;
  readonly writes: readonly Write[];
}

type Request = Pick<Update, 'follows' | 'timestamp' | 'writes'>;

/** A replica, or what a session has seen. */
interface State {
  vector: Vector;
  timestamp: number;
}

/**
 * What clients see of a store that keeps all its promises: causal delivery, batches, a winner and its siblings, deletes
 * whose names are forgotten now and then, answers that are lost while the write is made later or never, and final reads.
 */
export function siblingStoreHistory(random: SeededRandom, steps: number): readonly Operation[] {
  const store = new SiblingStore(random);
  for (let step = 0; step < steps; step += 1) store.step();
  return store.end();
}

class SiblingStore {
  readonly #random: SeededRandom;
  readonly #hasNames: boolean;
  readonly #replicas = Array.from({ length: replicas }, () => ({
    ...initialState(),
    versions: new Map<string, readonly Version[]>(),
    log: [] as Update[],
  }));
  readonly #sessions = Array.from({ length: sessions }, initialState);
  readonly #late: { readonly at: number; readonly request: Request }[] = [];
  readonly #operations: Operation[] = [];
  #values = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#hasNames = random.chance(0.7);
  }

  step(): void {
    const random = this.#random;
    for (let count = random.between(0, 3); count > 0; count -= 1) this.#deliver();
    if (random.chance(0.2)) this.#applyLate();
    const session = random.between(0, sessions - 1);
    const at = random.between(0, replicas - 1);
    const [seen, replica] = [this.#sessions[session]!, this.#replicas[at]!];
    // The session waits for a replica that has all that it has seen.
    if (!isWithin(seen.vector, replica.vector)) return;
    const touched = random.chance(0.3) ? keys : [random.pick(keys)];
    if (random.chance(0.5)) {
      this.#record(
        `s${session}`,
        touched.map((key) => this.#read(at, key)),
        'ok',
      );
      seen.vector = joined(seen.vector, replica.vector);
      seen.timestamp = Math.max(seen.timestamp, replica.timestamp);
    } else this.#write(session, at, touched);
  }

  end(): readonly Operation[] {
    for (let count = 0; count < 2000; count += 1) this.#deliver();
    for (let at = 0; at < replicas; at += 1) {
      for (const key of keys) this.#record(`final ${at}`, [this.#read(at, key)], 'ok', `n${at}`);
    }
    return this.#operations;
  }

  #write(session: number, at: number, touched: readonly string[]): void {
    const random = this.#random;
    const seen = this.#sessions[session]!;
    const writes = touched.map((key): Write => {
      this.#values += 1;
      return { kind: 'write', key, value: random.chance(0.25) ? null : `v${this.#values}` };
    });
    const request = { follows: seen.vector, timestamp: seen.timestamp, writes };
    const luck = random.between(1, 100);
    if (luck <= 6) this.#record(`s${session}`, writes, 'fail');
    else if (luck <= 18) {
      this.#record(`s${session}`, writes, 'info');
      if (random.chance(0.7)) this.#late.push({ at, request });
    } else {
      const update = this.#commit(at, request);
      seen.vector = joined(seen.vector, vectorOf(update));
      seen.timestamp = update.timestamp;
      this.#record(
        `s${session}`,
        writes.map((write) => ({ ...write, ...this.#nameOf(update) })),
        'ok',
      );
    }
  }

  #applyLate(): void {
    const next = this.#late.shift();
    if (next !== undefined) this.#commit(next.at, next.request);
  }

  #commit(at: number, request: Request): Update {
    const replica = this.#replicas[at]!;
    const timestamp = Math.max(request.timestamp, replica.timestamp) + 1;
    const update = { ...request, timestamp, replica: at, counter: replica.vector[at]! + 1 };
    replica.log.push(update);
    this.#apply(at, update);
    return update;
  }

  /** One update from one replica to another, if that has all that it follows. */
  #deliver(): void {
    const [to, from] = [this.#random.between(0, replicas - 1), this.#random.between(0, replicas - 1)];
    const { vector } = this.#replicas[to]!;
    const update = this.#replicas[from]!.log[vector[from]!];
    if (update !== undefined && from !== to && isWithin(update.follows, vector)) this.#apply(to, update);
  }

  #apply(at: number, update: Update): void {
    const replica = this.#replicas[at]!;
    const { counter, timestamp, follows } = update;
    replica.vector = joined(replica.vector, vectorOf(update));
    replica.timestamp = Math.max(replica.timestamp, timestamp);
    for (const { key, value } of update.writes) {
      const kept = (replica.versions.get(key) ?? []).filter((each) => each.counter > follows[each.replica]!);
      const version = { replica: update.replica, counter, timestamp, value: value as string | null };
      const byWinner = (a: Version, b: Version): number => b.timestamp - a.timestamp || b.replica - a.replica;
      replica.versions.set(key, [...kept, version].sort(byWinner));
    }
  }

  #read(at: number, key: string): Read {
    const [winner, ...others] = this.#replicas[at]!.versions.get(key) ?? [];
    if (winner === undefined) return { kind: 'read', key, returned: [{ value: null }] };
    const shown = [winner, ...others.filter(({ value }) => value !== null)];
    return { kind: 'read', key, returned: shown.map((version) => this.#returned(version)) };
  }

  #returned(version: Version): Returned {
    const isForgotten = version.value === null && this.#random.chance(0.5);
    return { value: version.value, ...(isForgotten ? {} : this.#nameOf(version)) };
  }

  #nameOf({ replica, counter }: Pick<Version, 'replica' | 'counter'>): { readonly wid?: string } {
    return this.#hasNames ? { wid: `${replica}:${counter}` } : {};
  }

  #record(session: string, accesses: readonly Access[], status: Operation['status'], final?: string): void {
    this.#operations.push({
      session,
      accesses,
      status,
      isTxn: accesses.length > 1,
      isFinal: final !== undefined,
      ...(final !== undefined && { replica: final }),
      line: this.#operations.length + 1,
    });
  }
}

function initialState(): State {
  return { vector: Array.from({ length: replicas }, () => 0), timestamp: 0 };
}

function vectorOf({ replica, counter }: Update): Vector {
  return Array.from({ length: replicas }, (_, index) => (index === replica ? counter : 0));
}

function joined(a: Vector, b: Vector): Vector {
  return a.map((count, index) => Math.max(count, b[index]!));
}

function isWithin(a: Vector, b: Vector): boolean {
  return a.every((count, index) => count <= b[index]!);
}
