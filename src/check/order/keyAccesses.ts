import { at } from '../attribution/flatHistory.js';

/** Nodes that access one key, by session and in its order; and the indefinite ones. */
export interface KeyAccesses {
  readonly chains: readonly Chain[];
  readonly indefinite: readonly number[];
}

export interface Chain {
  readonly session: number;
  readonly nodes: readonly number[];
}

/** Collects, by key, what is given to it in the order of the nodes. */
export class KeyAccessesBuilder {
  readonly #keys = new Map<
    number,
    { chains: { session: number; nodes: number[] }[]; indefinite: number[] }
  >();

  add(key: number, node: number, session: number, isIndefinite: boolean): void {
    const accesses = this.#keys.get(key) ?? { chains: [], indefinite: [] };
    this.#keys.set(key, accesses);
    if (isIndefinite) {
      if (accesses.indefinite.at(-1) !== node) accesses.indefinite.push(node);
      return;
    }
    const last = accesses.chains.at(-1);
    const chain = last?.session === session ? last : { session, nodes: [] };
    if (chain !== last) accesses.chains.push(chain);
    if (chain.nodes.at(-1) !== node) chain.nodes.push(node);
  }

  build(): ReadonlyMap<number, KeyAccesses> {
    return this.#keys;
  }
}

/** The last of the nodes, which ascend, that is less than `limit`; -1 if there is none. */
export function lastBelow(nodes: readonly number[], limit: number): number {
  const count = countBelow(nodes, limit);
  return count === 0 ? -1 : at(nodes, count - 1);
}

/** How many of the numbers, which ascend, are less than `limit`. */
export function countBelow(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(numbers, middle) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
