import type { History, Operation, Read, Write } from '../../src/check/history.js';
import type { SeededRandom } from '../../src/simulate/machine/seededRandom.js';

/** What a history of a simulated store is made of. */
export interface StoreHistoryOptions {
  readonly random: SeededRandom;
  readonly operations: number;
  readonly sessions: number;
  readonly keys: number;
  readonly replicas: number;
  /** `fifo`: replicas apply updates in the order of their origin, whatever those depend on. */
  readonly delivery: 'causal' | 'fifo';
  /** How many of the writes get no answer, though they are made. */
  readonly indefinite?: number;
  /** How many operations are transactions, of two to four accesses: all reads or all writes. */
  readonly transactions?: number;
  /** Whether every replica reads every key in the end. */
  readonly hasFinalReads?: boolean;
}

interface Version {
  readonly value: number;
  readonly timestamp: number;
  readonly origin: number;
}

interface Update {
  readonly origin: number;
  readonly counter: number;
  readonly dependencies: readonly number[];
  readonly writes: readonly { readonly key: number; readonly version: Version }[];
}

/**
 * The history of a store that keeps, of each key, the write with the greatest timestamp, and whose sessions stay at one
 * replica each: causally convergent, transactions included, if it delivers causally.
 */
export function storeHistory(options: StoreHistoryOptions): History {
  const store = new Store(options);
  const operations = Array.from({ length: options.operations }, (_, index) => store.operate(index));
  if (options.hasFinalReads !== true) return operations;
  store.settle();
  return [...operations, ...store.finalReads(operations.length)];
}

class Store {
  readonly #options: StoreHistoryOptions;
  readonly #logs: Update[][];
  /** By replica: how many updates of each origin it has, what its keys hold, and its clock. */
  readonly #vectors: number[][];
  readonly #stores: Map<number, Version>[];
  readonly #clocks: number[];
  #written = 0;

  constructor(options: StoreHistoryOptions) {
    const replicas = Array.from({ length: options.replicas }, (_, index) => index);
    this.#options = options;
    this.#logs = replicas.map(() => []);
    this.#vectors = replicas.map(() => replicas.map(() => 0));
    this.#stores = replicas.map(() => new Map<number, Version>());
    this.#clocks = replicas.map(() => 0);
  }

  operate(index: number): Operation {
    const { random, sessions, replicas, keys, indefinite = 0, transactions = 0 } = this.#options;
    const session = random.between(0, sessions - 1);
    const replica = session % replicas;
    for (let count = random.between(0, 2); count > 0; count -= 1)
      this.#deliverSome(replica, random.between(0, replicas - 1));
    const length = random.chance(transactions) ? random.between(2, 4) : 1;
    const touched = [...new Set(Array.from({ length }, () => random.between(0, keys - 1)))];
    const isWrite = random.chance(0.4);
    const accesses = isWrite ? this.#write(replica, touched) : touched.map((key) => this.#read(replica, key));
    const status = isWrite && random.chance(indefinite) ? 'info' : 'ok';
    const isTxn = accesses.length > 1;
    return { session: `s${session}`, accesses, isTxn, status, isFinal: false, line: index + 1 };
  }

  settle(): void {
    const everything = this.#logs.map(({ length }) => length);
    for (const [replica, vector] of this.#vectors.entries())
      while (vector.some((count, origin) => count < (everything[origin] ?? 0)))
        for (const origin of vector.keys()) this.#deliver(replica, origin);
  }

  finalReads(lines: number): Operation[] {
    const { keys } = this.#options;
    return this.#stores.flatMap((_, replica) =>
      Array.from({ length: keys }, (_, key): Operation => {
        const line = lines + replica * keys + key + 1;
        const accesses = [this.#read(replica, key)];
        const name = `node${replica + 1}`;
        return {
          session: `final ${name}`,
          accesses,
          isTxn: false,
          status: 'ok',
          replica: name,
          isFinal: true,
          line,
        };
      }),
    );
  }

  #write(replica: number, keys: readonly number[]): Write[] {
    const dependencies = [...this.#vectors[replica]!];
    const timestamp = this.#clocks[replica]! + 1;
    const writes = keys.map((key) => {
      this.#written += 1;
      return { key, version: { value: this.#written, timestamp, origin: replica } };
    });
    const counter = this.#logs[replica]!.length;
    const update = { origin: replica, counter, dependencies, writes };
    this.#logs[replica]!.push(update);
    this.#apply(replica, update);
    return writes.map(({ key, version }) => ({ kind: 'write', key: `key${key}`, value: version.value }));
  }

  #read(replica: number, key: number): Read {
    const version = this.#stores[replica]!.get(key);
    return { kind: 'read', key: `key${key}`, returned: [{ value: version?.value ?? null }] };
  }

  /** One link is slow, and what comes round it over a third replica is faster: there order must be kept by waiting. */
  #deliverSome(replica: number, origin: number): void {
    const { random, replicas } = this.#options;
    const isSlow = origin === 0 && replica === replicas - 1;
    if (isSlow && !random.chance(0.05)) return;
    for (let count = random.between(1, isSlow ? 40 : 4); count > 0; count -= 1)
      this.#deliver(replica, origin);
  }

  /** The next update of the origin, if what it depends on is there. */
  #deliver(replica: number, origin: number): void {
    const vector = this.#vectors[replica]!;
    const update = this.#logs[origin]![vector[origin]!];
    if (update === undefined) return;
    const isReady = update.dependencies.every((needed, each) => vector[each]! >= needed);
    if (isReady || this.#options.delivery === 'fifo') this.#apply(replica, update);
  }

  #apply(replica: number, { origin, counter, writes }: Update): void {
    this.#vectors[replica]![origin] = counter + 1;
    for (const { key, version } of writes) {
      const present = this.#stores[replica]!.get(key);
      this.#clocks[replica] = Math.max(this.#clocks[replica]!, version.timestamp);
      if (present === undefined || isNewer(version, present)) this.#stores[replica]!.set(key, version);
    }
  }
}

function isNewer(a: Version, b: Version): boolean {
  return a.timestamp === b.timestamp ? a.origin >= b.origin : a.timestamp > b.timestamp;
}
