import type { CausalGraph } from '../order/causalGraph.js';
import { describeNowhere, describeReturned, describeWrite, sessionName } from '../witness/describe.js';
import { at } from '../attribution/flatHistory.js';
import { type Finding, findingsMax } from '../witness/finding.js';
import type { Read } from '../history.js';
import { isSameRead } from './sameVersions.js';

/** A read within an operation, and what the operation did to its key before. */
interface Situation {
  readonly access: number;
  readonly read: Read;
  readonly ownWrite: number | undefined;
  readonly earlierRead: Read | undefined;
}

interface Judgement {
  readonly pattern: string;
  readonly explanation: string;
  /** The operations that it read from, where those take part. */
  readonly from?: readonly number[];
}

/**
 * What is wrong with a transaction whatever the order of transactions: the conditions that Biswas and Enea (OOPSLA 2019,
 * section 2) take as given before they speak of order, by the names that Adya's thesis (MIT 1999) gave to most of them.
 * AbortedRead: of an operation that failed. ThinAirRead: of nobody. IntermediateRead: of what its own transaction
 * overwrote. InternalRead: not what the transaction itself had written, or what it was to write only later.
 * NonRepeatableRead: not what it returned before, without an own write since.
 */
export function findTransactionReads(graph: CausalGraph): Finding[] {
  const findings: Finding[] = [];
  const isOverwritten = overwrittenWrites(graph);
  for (let node = 0; node < graph.layout.count && findings.length < findingsMax; node += 1) {
    for (const situation of situationsOf(graph, node)) {
      const judgement = judge(graph, situation, isOverwritten);
      if (judgement !== undefined) findings.push(findingOf(graph, node, judgement));
    }
  }
  return findings;
}

function* situationsOf({ attributed: { flat }, layout }: CausalGraph, node: number): Generator<Situation> {
  if (layout.isIndefinite(node)) return;
  const own = new Map<string, number>();
  const reads = new Map<string, Read>();
  for (let access = at(layout.accessFrom, node); access < at(layout.accessTo, node); access += 1) {
    const each = flat.accesses[access];
    if (each?.kind === 'read') {
      yield { access, read: each, ownWrite: own.get(each.key), earlierRead: reads.get(each.key) };
      reads.set(each.key, each);
    } else if (each !== undefined) {
      own.set(each.key, access);
      reads.delete(each.key);
    }
  }
}

function judge(
  { attributed: { flat, sources } }: CausalGraph,
  { access, read, ownWrite, earlierRead }: Situation,
  isOverwritten: Uint8Array,
): Judgement | undefined {
  const own = at(flat.operationOf, access);
  const versions = sources[access] ?? [];
  const got = describeReturned(flat, access);
  for (const source of versions) {
    if (source.kind === 'nowhere')
      return {
        pattern: 'ThinAirRead',
        explanation: `${got}, ${describeNowhere(flat, source)}`,
        from: source.named === undefined ? [] : [at(flat.operationOf, source.named)],
      };
    if (source.kind !== 'failed' && source.kind !== 'write') continue;
    const from = at(flat.operationOf, source.write);
    const write = describeWrite(flat, source.write);
    if (source.kind === 'failed')
      return {
        pattern: 'AbortedRead',
        explanation: `${got}, but the operation that was to write ${write} failed`,
        from: [from],
      };
    if (from !== own && isOverwritten[source.write] === 1)
      return {
        pattern: 'IntermediateRead',
        explanation: `${got}, but the operation that wrote ${write} overwrote it itself`,
        from: [from],
      };
    if (from === own && ownWrite === undefined)
      return { pattern: 'InternalRead', explanation: `${got}, which the operation itself wrote only later` };
  }
  const isKnown = versions.every(({ kind }) => kind === 'write' || kind === 'initial');
  if (ownWrite !== undefined) {
    const isSeen = versions.some((source) => source.kind === 'write' && source.write === ownWrite);
    if (isSeen || !isKnown) return undefined;
    const write = describeWrite(flat, ownWrite);
    const explanation = `${got}, although the operation itself had just written ${write}`;
    const from = versions.flatMap((source) =>
      source.kind === 'write' ? at(flat.operationOf, source.write) : [],
    );
    return { pattern: 'InternalRead', explanation, from };
  }
  if (earlierRead === undefined || isSameRead(read, earlierRead)) return undefined;
  return {
    pattern: 'NonRepeatableRead',
    explanation: `${got}, and something else before in the same operation`,
  };
}

/** By access: 1 for a write to a key to which its own operation wrote again. */
function overwrittenWrites({ attributed: { flat } }: CausalGraph): Uint8Array {
  const isOverwritten = new Uint8Array(flat.accesses.length);
  let operation = -1;
  const later = new Set<number>();
  for (let access = flat.accesses.length - 1; access >= 0; access -= 1) {
    if (flat.operationOf[access] !== operation) later.clear();
    operation = at(flat.operationOf, access);
    if (flat.accesses[access]?.kind !== 'write') continue;
    if (later.has(at(flat.keyOf, access))) isOverwritten[access] = 1;
    later.add(at(flat.keyOf, access));
  }
  return isOverwritten;
}

function findingOf(
  graph: CausalGraph,
  node: number,
  { pattern, explanation, from = [] }: Judgement,
): Finding {
  return {
    pattern,
    graph,
    nodes: [node],
    operations: from,
    explain: () => `${sessionName(graph, node)} read ${explanation}`,
  };
}
