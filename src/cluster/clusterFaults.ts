import { randomInt } from 'node:crypto';
import { requestJson } from '../client/requestJson.js';
import type { FaultRuleJson, FaultsRequestJson, FaultsResponseJson } from '../protocol/faultsApi.js';
import { KvcError } from '../errors.js';
import { errorOfBody } from '../protocol/errorJson.js';
import { limits } from '../protocol/limits.js';
import type { AddFaultJson, ClearedFaultsJson, ClearFaultsJson, FaultJson } from './controlApi.js';
import { FaultTable, inputOf, isOn } from './faultTable.js';
import type { ManagedNode } from './managedNode.js';

interface RuleChange {
  readonly added: readonly FaultRuleJson[];
  readonly removed: readonly FaultRuleJson[];
}

/** What must be known of a node to give it its faults. */
type FaultyNode = Pick<ManagedNode, 'name' | 'url' | 'state'>;

/**
 * Makes faults stand. A fault acts in the node that sends on the link, so it is given to that node; one that does not
 * listen gets it with its configuration when it starts, a paused one when it goes on.
 */
export class ClusterFaults {
  readonly #table: FaultTable;
  #nodes: readonly FaultyNode[];
  /** Nodes that do not hold yet what the table says of them. What they say of themselves is old. */
  readonly #behind = new Set<string>();

  constructor(nodes: readonly FaultyNode[]) {
    this.#nodes = [...nodes];
    this.#table = new FaultTable(nodes.map((node) => node.name));
  }

  /** A node joins the cluster. Faults that stand do not extend to its links. */
  addNode(node: FaultyNode): void {
    this.#nodes = [...this.#nodes, node];
    this.#table.addNode(node.name);
  }

  /** A node has left: no fault acts on its links any more, and the other nodes are told to forget theirs. */
  async removeNode(name: string): Promise<void> {
    this.#nodes = this.#nodes.filter((node) => node.name !== name);
    this.#behind.delete(name);
    const changes = this.#nodes.map((node) => ({
      node,
      removed: this.#table.rulesOf(node.name, Date.now()).filter(({ target }) => target === name),
    }));
    this.#table.removeNode(name);
    const affected = changes.filter(({ removed }) => removed.length > 0);
    // A node that does not answer keeps a rule for a link that nobody uses any more.
    await Promise.allSettled(affected.map(({ node, removed }) => this.#change(node, { added: [], removed })));
  }

  list(): FaultJson[] {
    return this.#table.list(Date.now());
  }

  /** @throws KvcError KVC_E_NODE_UNREACHABLE if a running node does not take it; other links may have it then */
  async add(request: AddFaultJson): Promise<FaultJson> {
    const { seed = randomInt(limits.faultSeedMax + 1) } = request;
    const { fault, rules } = this.#table.plan({ ...request, seed }, Date.now());
    await this.#changeAll((node) => ({ added: rules.get(node.name) ?? [], removed: [] }));
    return fault;
  }

  async clear(filter: ClearFaultsJson): Promise<ClearedFaultsJson> {
    const matching = this.#table.matching(filter, Date.now());
    await this.#changeAll((node) => ({
      added: [],
      removed: matching.filter((rule) => rule.source === node.name),
    }));
    return { cleared: [...new Set(matching.map((rule) => rule.id))], faults: this.list() };
  }

  /** What a node must be started with. */
  startRules(node: string): readonly FaultRuleJson[] {
    this.#behind.delete(node);
    return this.#table.rulesOf(node, Date.now());
  }

  /** A node says what it holds: a rule expired, or someone changed its rules directly. */
  heard(node: string, rules: readonly FaultRuleJson[]): void {
    if (!this.#behind.has(node)) this.#table.setRules(node, rules);
  }

  /**
   * A node runs again: gives it what was changed meanwhile. What was not stays as it is, with what it holds back. If that
   * fails it stays behind, and what it says of itself old, until it runs anew.
   */
  async catchUp(node: FaultyNode): Promise<void> {
    if (!this.#behind.has(node.name)) return;
    const wanted = this.#table.rulesOf(node.name, Date.now());
    const present = await askFaults(node, 'GET', '');
    const missing = wanted.filter((rule) => placedLike(rule, present)?.id !== rule.id);
    if (missing.length > 0) await addRules(node, missing);
    for (const rule of present) if (placedLike(rule, wanted) === undefined) await removeRule(node, rule);
    const held = await askFaults(node, 'GET', '');
    this.#behind.delete(node.name);
    this.#table.setRules(node.name, held);
  }

  async #changeAll(changeOf: (node: FaultyNode) => RuleChange): Promise<void> {
    await Promise.all(this.#nodes.map((node) => this.#change(node, changeOf(node))));
  }

  async #change(node: FaultyNode, change: RuleChange): Promise<void> {
    const { added, removed } = change;
    if (added.length === 0 && removed.length === 0) return;
    if (node.state === 'running') return this.#tell(node, change);
    if (node.state === 'starting' && (await this.#isTold(node, change))) return;
    const replaced = [...added, ...removed];
    const rest = this.#table
      .rulesOf(node.name, Date.now())
      .filter((rule) => placedLike(rule, replaced) === undefined);
    this.#behind.add(node.name);
    this.#table.setRules(node.name, [...rest, ...added]);
  }

  /** A node that starts may be waiting for its peers, and not end to start before it hears of this. Or not listen yet. */
  async #isTold(node: FaultyNode, change: RuleChange): Promise<boolean> {
    try {
      await this.#tell(node, change);
      return true;
    } catch (error) {
      if (error instanceof KvcError && error.code === 'KVC_E_NODE_UNREACHABLE') return false;
      throw error;
    }
  }

  async #tell(node: FaultyNode, { added, removed }: RuleChange): Promise<void> {
    const isAll = removed.length === this.#table.rulesOf(node.name, Date.now()).length;
    if (isAll && removed.length > 1) this.#table.setRules(node.name, await askFaults(node, 'DELETE', ''));
    else for (const rule of removed) this.#table.setRules(node.name, await removeRule(node, rule));
    if (added.length > 0) this.#table.setRules(node.name, await addRules(node, added));
  }
}

async function addRules(
  node: FaultyNode,
  rules: readonly FaultRuleJson[],
): Promise<readonly FaultRuleJson[]> {
  return await askFaults(node, 'POST', '', { faults: rules.map(inputOf) } satisfies FaultsRequestJson);
}

async function removeRule(
  node: FaultyNode,
  { target, kind }: FaultRuleJson,
): Promise<readonly FaultRuleJson[]> {
  return await askFaults(node, 'DELETE', `?target=${target}&kind=${kind}`);
}

/** The rule of the same kind on the same link: there is at most one. */
function placedLike(
  { kind, source, target }: FaultRuleJson,
  rules: readonly FaultRuleJson[],
): FaultRuleJson | undefined {
  return rules.find((rule) => rule.kind === kind && isOn(rule, { source, target }));
}

async function askFaults(
  node: FaultyNode,
  method: string,
  query: string,
  body?: unknown,
): Promise<readonly FaultRuleJson[]> {
  const url = `${node.url}/faults${query}`;
  // A rule has an id: set or cleared twice, it is as if it had been once.
  const answer = await requestJson({
    url,
    method,
    body,
    timeoutMs: 2000,
    peer: node.name,
    isRepeatable: true,
  });
  if (answer.status !== 200) throw errorOfBody(answer.body, answer.status);
  return (answer.body as FaultsResponseJson).faults;
}
