import type { FaultRuleJson } from '../protocol/faultsApi.js';
import { SeededChance } from './seededChance.js';

/** A rule in force on its link, with what chance has in store for it and how often it has acted. */
export class ActiveRule<Rule extends FaultRuleJson = FaultRuleJson> {
  readonly rule: Rule;
  readonly #chance: SeededChance;
  #acted = 0;

  constructor(rule: Rule) {
    this.rule = rule;
    this.#chance = new SeededChance(rule);
  }

  /** On how many messages it has acted. */
  get acted(): number {
    return this.#acted;
  }

  /** Acts on the next message in any case. @returns uniform in [0, 1) */
  act(): number {
    this.#acted += 1;
    return this.#chance.next();
  }

  /**
   * Acts on the next message, or does not: chance decides.
   * @returns if it does, a number that is uniform in [0, 1) again
   */
  actPerhaps(percent: number): number | undefined {
    const portion = (this.#chance.next() * 100) / percent;
    if (portion >= 1) return undefined;
    this.#acted += 1;
    return portion;
  }
}
