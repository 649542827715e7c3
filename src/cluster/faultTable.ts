import { KvcError } from '../errors.js';
import type { FaultEffectJson, FaultInputJson, FaultRuleJson } from '../protocol/faultsApi.js';
import type { AddFaultJson, ClearFaultsJson, FaultJson, LinkJson } from './controlApi.js';
import { planPartition } from './partition.js';

/** A fault to be made, its seed drawn. */
export type NewFault = AddFaultJson & { readonly seed: number };

/** A new fault, as the rules that make it: per source node, what that node must be given. */
export interface FaultPlan {
  readonly fault: FaultJson;
  readonly rules: ReadonlyMap<string, readonly FaultRuleJson[]>;
}

/**
 * The faults of a cluster. What stands is what each source node holds: the table keeps the rules of each as last heard,
 * and only adds what nodes do not know: the ids of the cluster, and what the user called the target. A fault keeps to the
 * links that there were when it was made. Invariant: every rule is on a link between two nodes of the cluster. Pure.
 */
export class FaultTable {
  #nodes: readonly string[];
  readonly #rules = new Map<string, readonly FaultRuleJson[]>();
  readonly #targets = new Map<string, string>();
  #lastId = 0;

  constructor(nodes: readonly string[]) {
    this.#nodes = nodes;
  }

  addNode(node: string): void {
    this.#nodes = [...this.#nodes, node];
  }

  /** The node has left, and with it the rules on its links, in both directions. */
  removeNode(node: string): void {
    this.#nodes = this.#nodes.filter((name) => name !== node);
    this.#rules.delete(node);
    for (const [source, rules] of this.#rules) this.setRules(source, rules);
  }

  /**
   * Gives a new fault its id and its links; it stands once its rules are set.
   * @throws KvcError KVC_E_NODE_UNKNOWN, KVC_E_BAD_REQUEST, KVC_E_STATE_CONFLICT when there is no such link
   */
  plan(fault: NewFault, nowMs: number): FaultPlan {
    const { target, links } = this.#place(fault);
    const id = this.#newId(target);
    const { seed } = fault;
    const expires_at_ms = fault.for_ms === null ? null : nowMs + fault.for_ms;
    const common = { id, expires_at_ms, seed, ...effectOf(fault) };
    const rules = links.map((link) => ({ ...common, ...link }));
    return { fault: { ...common, target, links }, rules: groupBy(rules, (rule) => rule.source) };
  }

  /** The links that `node3` (all into it), `node1:node3` (one way) or `all` stands for. */
  linksOf(target: string, both: boolean): LinkJson[] {
    const links = this.#oneWay(target);
    const all = both
      ? [...links, ...links.map(({ source, target: to }) => ({ source: to, target: source }))]
      : links;
    const unique = new Map(all.map((link) => [`${link.source}:${link.target}`, link]));
    if (unique.size === 0) throw new KvcError('KVC_E_STATE_CONFLICT', 'a cluster of one node has no links');
    return [...unique.values()];
  }

  rulesOf(source: string, nowMs: number): readonly FaultRuleJson[] {
    return (this.#rules.get(source) ?? []).filter((rule) => stands(rule, nowMs));
  }

  /** What a node says that it holds, or is to hold. One that has left may still have something to say. */
  setRules(source: string, rules: readonly FaultRuleJson[]): void {
    if (!this.#nodes.includes(source)) return;
    this.#rules.set(
      source,
      rules.filter(({ target }) => this.#nodes.includes(target)),
    );
  }

  /** The rules that a request to clear means. */
  matching(filter: ClearFaultsJson, nowMs: number): FaultRuleJson[] {
    const links = filter.target === undefined ? undefined : this.linksOf(filter.target, filter.both ?? false);
    return this.#nodes
      .flatMap((source) => this.rulesOf(source, nowMs))
      .filter((rule) => filter.kind === undefined || rule.kind === filter.kind)
      .filter((rule) => links === undefined || links.some((link) => isOn(rule, link)));
  }

  list(nowMs: number): FaultJson[] {
    const rules = this.#nodes.flatMap((source) => this.rulesOf(source, nowMs));
    return [...groupBy(rules, (rule) => rule.id)].flatMap(([id, [first, ...more]]) => {
      if (first === undefined) return [];
      const links = [first, ...more].map(({ source, target }) => ({ source, target }));
      const target = this.#targets.get(id) ?? `${first.source}:${first.target}`;
      const { expires_at_ms, seed } = first;
      return [{ id, target, links, expires_at_ms, seed, ...effectOf(first) }];
    });
  }

  /** Names of targets are kept as long as a rule needs them. */
  #newId(target: string): string {
    const used = new Set([...this.#rules.values()].flat().map((rule) => rule.id));
    for (const id of this.#targets.keys()) if (!used.has(id)) this.#targets.delete(id);
    this.#lastId += 1;
    const id = `f${this.#lastId}`;
    this.#targets.set(id, target);
    return id;
  }

  #place(fault: NewFault): { target: string; links: readonly LinkJson[] } {
    if (fault.kind !== 'partition') {
      return { target: fault.target, links: this.linksOf(fault.target, fault.both) };
    }
    if ('groups' in fault) fault.groups.flat().forEach((node) => this.#known(node));
    return planPartition(fault, this.#nodes);
  }

  #oneWay(text: string): LinkJson[] {
    const [from, to, ...rest] = text === 'all' ? [] : text.split(':');
    if (to === undefined)
      return this.#all().filter((link) => from === undefined || link.target === this.#known(from));
    const link = { source: this.#known(from ?? ''), target: this.#known(to) };
    if (rest.length > 0 || link.source === link.target) {
      throw new KvcError('KVC_E_BAD_REQUEST', `target must be NODE, SOURCE:TARGET or all, received ${text}`);
    }
    return [link];
  }

  #all(): LinkJson[] {
    return this.#nodes.flatMap((source) =>
      this.#nodes.filter((target) => target !== source).map((target) => ({ source, target })),
    );
  }

  #known(node: string): string {
    if (this.#nodes.includes(node)) return node;
    throw unknownNode(node, this.#nodes);
  }
}

/** The form in which a node takes a rule. */
export function inputOf(rule: FaultRuleJson): FaultInputJson {
  const { id, target, expires_at_ms, seed } = rule;
  return { id, target, expires_at_ms, seed, ...effectOf(rule) };
}

export function isOn(rule: FaultRuleJson, link: LinkJson): boolean {
  return rule.source === link.source && rule.target === link.target;
}

export function unknownNode(node: string, names: readonly string[]): KvcError {
  return new KvcError(
    'KVC_E_NODE_UNKNOWN',
    `no node is named ${JSON.stringify(node)}; there is ${names.join(', ')}`,
    {
      node,
      nodes: names,
    },
  );
}

function stands(rule: FaultRuleJson, nowMs: number): boolean {
  return rule.expires_at_ms === null || rule.expires_at_ms > nowMs;
}

function effectOf(fault: FaultEffectJson): FaultEffectJson {
  switch (fault.kind) {
    case 'hold':
    case 'partition':
      return { kind: fault.kind };
    case 'delay':
      return { kind: 'delay', delay_ms: fault.delay_ms, jitter_ms: fault.jitter_ms };
    case 'drop':
    case 'duplicate':
    case 'reorder':
      return { kind: fault.kind, percent: fault.percent };
  }
}

/** Map.groupBy, which Node 20 does not have. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
