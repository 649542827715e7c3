import type { FaultRuleJson } from '../protocol/faultsApi.js';

/**
 * What chance decides of one message after another, on one link and for one rule. The number for the nth message is a
 * function of the rule's seed, kind and link and of n, and of nothing else: the same seed, the same decisions.
 */
export class SeededChance {
  #state: number;

  constructor({ seed, kind, source, target }: Pick<FaultRuleJson, 'seed' | 'kind' | 'source' | 'target'>) {
    this.#state = hashOf(`${seed} ${kind} ${source} ${target}`);
  }

  /** Uniform in [0, 1), for the next message (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** 32 bits of a text (FNV-1a), mixed once more so that seeds in a row start far from each other. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
