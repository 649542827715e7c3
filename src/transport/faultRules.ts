import type { NodeName } from '../core/ids.js';
import { KvcError } from '../errors.js';
import type { FaultInputJson, FaultKind, FaultRuleJson } from '../protocol/faultsApi.js';
import type { FaultFilter } from '../protocol/faultJson.js';
import { limits } from '../protocol/limits.js';

/** The rules on one link: at most one of each kind. */
export type LinkRules = { readonly [Kind in FaultKind]?: Extract<FaultRuleJson, { kind: Kind }> };

/**
 * The fault rules of one node, for its outgoing links. Invariant: at most one rule of a kind on a link, and at most
 * `faultRulesMax` in all. Time and chance reach it as arguments.
 */
export class FaultRules {
  readonly #source: NodeName;
  readonly #drawSeed: () => number;
  readonly #rules = new Map<string, FaultRuleJson>();
  #generated = 0;

  /** @param drawSeed - for rules that come without one */
  constructor(source: NodeName, drawSeed: () => number, initial: readonly FaultRuleJson[] = []) {
    this.#source = source;
    this.#drawSeed = drawSeed;
    for (const rule of initial) this.#rules.set(placeOf(rule), rule);
  }

  /**
   * Adds all of the rules or none. One of the same kind on the same link is replaced. A rule without an id or a
   * seed gets one.
   * @throws KvcError KVC_E_STATE_CONFLICT if there would be more than `faultRulesMax`
   */
  add(inputs: readonly FaultInputJson[]): void {
    const places = new Set([...this.#rules.keys(), ...inputs.map(placeOf)]);
    if (places.size > limits.faultRulesMax) {
      throw new KvcError(
        'KVC_E_STATE_CONFLICT',
        `${this.#source} would have ${places.size} fault rules; at most ${limits.faultRulesMax} are allowed: remove some first`,
        { limit: limits.faultRulesMax },
      );
    }
    for (const input of inputs) {
      const rule = this.#complete(input);
      this.#rules.delete(placeOf(rule));
      this.#rules.set(placeOf(rule), rule);
    }
  }

  /** Removes the rules that match; true if there were any. */
  remove(filter: FaultFilter): boolean {
    return this.#removeWhere((rule) => matches(rule, filter));
  }

  /** Removes the rules that have ended by themselves; true if there were any. */
  expire(nowMs: number): boolean {
    return this.#removeWhere((rule) => rule.expires_at_ms !== null && rule.expires_at_ms <= nowMs);
  }

  /** When the next rule ends by itself; Infinity if none will. */
  get nextExpiryMs(): number {
    return Math.min(...this.list().map((rule) => rule.expires_at_ms ?? Infinity));
  }

  rulesFor(target: NodeName): LinkRules {
    return Object.fromEntries(
      this.list()
        .filter((rule) => rule.target === target)
        .map((rule) => [rule.kind, rule]),
    );
  }

  /** In the order in which they were added. */
  list(): FaultRuleJson[] {
    return [...this.#rules.values()];
  }

  #removeWhere(isOver: (rule: FaultRuleJson) => boolean): boolean {
    const over = [...this.#rules].filter(([, rule]) => isOver(rule));
    for (const [place] of over) this.#rules.delete(place);
    return over.length > 0;
  }

  #complete(input: FaultInputJson): FaultRuleJson {
    return {
      ...input,
      id: input.id ?? this.#newId(),
      source: this.#source,
      expires_at_ms: input.expires_at_ms ?? null,
      seed: input.seed ?? this.#drawSeed(),
    };
  }

  /** An id that no present rule has: those given to the node on its start may be of its own making, too. */
  #newId(): string {
    const taken = new Set(this.list().map((rule) => rule.id));
    do this.#generated += 1;
    while (taken.has(`${this.#source}-f${this.#generated}`));
    return `${this.#source}-f${this.#generated}`;
  }
}

function placeOf(rule: { readonly target: string; readonly kind: FaultKind }): string {
  return `${rule.target} ${rule.kind}`;
}

function matches(rule: FaultRuleJson, { id, target, kind }: FaultFilter): boolean {
  return (
    (id === undefined || rule.id === id) &&
    (target === undefined || rule.target === target) &&
    (kind === undefined || rule.kind === kind)
  );
}
