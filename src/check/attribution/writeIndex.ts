import { at, type FlatHistory } from './flatHistory.js';
import type { Returned } from '../history.js';
import type { Source } from './source.js';

const initial: Source = { kind: 'initial' };
const nowhere: Source = { kind: 'nowhere' };
const unknown: Source = { kind: 'unknown' };

type Lists<K> = Map<K, number[]>;

/** The writes of one key; of the value null, its deletes. */
interface KeyWrites {
  readonly byWid: Lists<string>;
  readonly possible: Lists<unknown>;
  /** Those of `possible` that have no wid. */
  readonly nameless: Lists<unknown>;
  readonly failed: Lists<unknown>;
}

/** Finds the write that a returned version is of. */
export class WriteIndex {
  readonly #flat: FlatHistory;
  readonly #keys: KeyWrites[];
  /** By key, what an absent key without a wid is: one object for all reads of it. */
  readonly #absent: Source[];

  constructor(flat: FlatHistory) {
    this.#flat = flat;
    this.#keys = flat.keys.map(() => ({
      byWid: new Map(),
      possible: new Map(),
      nameless: new Map(),
      failed: new Map(),
    }));
    flat.accesses.forEach((access, number) => {
      const writes = this.#keys[at(flat.keyOf, number)];
      if (access.kind !== 'write' || writes === undefined) return;
      const hasFailed = flat.statusOf(number) === 'fail';
      if (access.wid !== undefined) append(writes.byWid, access.wid, number);
      append(hasFailed ? writes.failed : writes.possible, access.value, number);
      if (!hasFailed && access.wid === undefined) append(writes.nameless, access.value, number);
    });
    this.#absent = this.#keys.map(({ possible }) => {
      const deletes = possible.get(null);
      return deletes === undefined ? initial : { kind: 'oneOf', deletes, orInitial: true };
    });
  }

  /**
   * By its name if it has one. A name that no write of the key bears need not be wrong: an operation without an answer
   * never learnt its own, and one that was sent twice may be known by another. Then the value decides, and first among the
   * writes that have no name.
   */
  find(key: number, { value, wid }: Returned): Source {
    const writes = this.#keys[key];
    if (writes === undefined) return nowhere;
    if (wid === undefined && value === null) return this.#absent[key] ?? initial;
    if (wid === undefined) return one(writes.possible.get(value), writes.failed.get(value));
    const named = writes.byWid.get(wid);
    if (named !== undefined) return this.#named(named, value);
    const candidates = writes.nameless.get(value) ?? writes.possible.get(value);
    const found = one(candidates, writes.failed.get(value));
    const isOneDelete = found.kind === 'unknown' && value === null;
    return isOneDelete ? { kind: 'oneOf', deletes: candidates ?? [], orInitial: false } : found;
  }

  /** Two writes of the same name and key that cannot be one write told of twice, for their values differ. */
  reusedName(): readonly [number, number] | undefined {
    for (const { byWid } of this.#keys) {
      for (const [first, ...others] of byWid.values()) {
        const other = others.find((each) => first !== undefined && this.#isOtherWrite(first, each));
        if (first !== undefined && other !== undefined) return [first, other];
      }
    }
    return undefined;
  }

  /** A transaction may give all of its writes one name, and what failed took none. */
  #isOtherWrite(first: number, other: number): boolean {
    const { accesses, operationOf } = this.#flat;
    const [left, right] = [accesses[first], accesses[other]];
    return (
      left?.kind === 'write' &&
      right?.kind === 'write' &&
      left.value !== right.value &&
      operationOf[first] !== operationOf[other] &&
      [first, other].every((each) => this.#flat.statusOf(each) !== 'fail')
    );
  }

  /** A name with the value of another write is of no write. */
  #named(named: readonly number[], value: unknown): Source {
    const written = named.filter((write) => {
      const access = this.#flat.accesses[write];
      return access?.kind === 'write' && access.value === value;
    });
    const hasFailed = (write: number): boolean => this.#flat.statusOf(write) === 'fail';
    const possible = written.filter((write) => !hasFailed(write));
    const found = one(possible, written.filter(hasFailed));
    const [other] = named;
    return found.kind === 'nowhere' && other !== undefined ? { kind: 'nowhere', named: other } : found;
  }
}

/** What failed is considered only if nothing else can be meant. */
function one(possible: readonly number[] = [], failed: readonly number[] = []): Source {
  const [write, another] = possible;
  if (another !== undefined) return unknown;
  if (write !== undefined) return { kind: 'write', write };
  return failed[0] === undefined ? nowhere : { kind: 'failed', write: failed[0] };
}

function append<K>(lists: Lists<K>, key: K, item: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
