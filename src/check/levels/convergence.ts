import type { CausalGraph, GraphRead } from '../order/causalGraph.js';
import type { CausalOrder } from '../order/causalOrder.js';
import { describeReturned, describeWriteOf } from '../witness/describe.js';
import { at } from '../attribution/flatHistory.js';
import { type Finding, findingsMax } from '../witness/finding.js';
import type { Read } from '../history.js';
import { isSameRead } from './sameVersions.js';

/** A final read, by its replica. */
interface FinalRead {
  readonly replica: string;
  readonly read: GraphRead;
  readonly access: Read;
}

export interface ConvergenceResult {
  readonly findings: readonly Finding[];
  /** Why nothing, or not all, could be judged. */
  readonly reason?: string;
}

/**
 * Whether all replicas ended with the same, and with nothing older than what was acknowledged. DivergentFinalReads: two
 * final reads of a key differ, in the winner or the set of siblings. LostWrite: a final read returned the initial value
 * although a write to the key was acknowledged, or each version that it returned is causally before such a write.
 */
export function judgeConvergence(graph: CausalGraph): ConvergenceResult {
  const finals = finalReadsOf(graph);
  if (finals.length === 0) return { findings: [], reason: 'the history has no final reads' };
  const byKey = groupByKey(finals);
  const findings: Finding[] = [];
  for (const reads of byKey.values()) {
    const [first, ...others] = reads;
    const other = others.find(({ access }) => first !== undefined && !isSameRead(first.access, access));
    if (first !== undefined && other !== undefined) findings.push(divergence(graph, first, other));
    const { order } = graph;
    if (order !== undefined) findings.push(...reads.flatMap((read) => lostWrite(graph, order, read) ?? []));
    if (findings.length >= findingsMax) break;
  }
  const reason = reasonOf(graph, finals, byKey);
  return { findings, ...(reason === undefined ? {} : { reason }) };
}

function finalReadsOf(graph: CausalGraph): FinalRead[] {
  const { flat } = graph.attributed;
  return graph.reads.flatMap((read): FinalRead[] => {
    const operation = flat.operations[at(flat.operationOf, read.access)];
    const access = flat.accesses[read.access];
    if (operation?.isFinal !== true || access?.kind !== 'read') return [];
    return [{ replica: operation.replica ?? '', read, access }];
  });
}

function groupByKey(finals: readonly FinalRead[]): ReadonlyMap<string, readonly FinalRead[]> {
  const byKey = new Map<string, FinalRead[]>();
  for (const final of finals) {
    const reads = byKey.get(final.access.key);
    if (reads === undefined) byKey.set(final.access.key, [final]);
    else reads.push(final);
  }
  return byKey;
}

function divergence(graph: CausalGraph, first: FinalRead, other: FinalRead): Finding {
  const { flat } = graph.attributed;
  return {
    pattern: 'DivergentFinalReads',
    graph,
    nodes: [first.read.node, other.read.node],
    explain: () => {
      const [a, b] = [first, other].map(
        ({ replica, read }) => `${replica} with ${describeReturned(flat, read.access)}`,
      );
      return `the replicas did not end with the same: ${a ?? ''}, ${b ?? ''}`;
    },
  };
}

function lostWrite(
  graph: CausalGraph,
  order: CausalOrder,
  { replica, read }: FinalRead,
): Finding | undefined {
  const acknowledged = graph.writesTo(read.key).chains.flatMap(({ nodes }) => nodes.slice(-1));
  const lost = new Set<number>();
  const paths: [number, number][] = [];
  const isOlder = (version: number): boolean => {
    const newer = acknowledged.find((write) => order.precedes(version, write));
    if (newer === undefined) return false;
    lost.add(newer);
    paths.push([version, newer]);
    return true;
  };
  const isInitialOlder = (): boolean => {
    const [newer] = acknowledged;
    if (newer === undefined) return false;
    lost.add(newer);
    return true;
  };
  const isLost = read.sources.every((source) => {
    if (source.kind === 'initial') return isInitialOlder();
    if (source.kind === 'write') return isOlder(at(graph.layout.nodeOf, source.write));
    if (source.kind !== 'oneOf') return false;
    const nodes = source.deletes.map((each) => at(graph.layout.nodeOf, each));
    return nodes.every((node) => node !== -1 && isOlder(node)) && (!source.orInitial || isInitialOlder());
  });
  if (!isLost) return undefined;
  return {
    pattern: 'LostWrite',
    graph,
    nodes: [read.node, ...lost, ...paths.map(([version]) => version)],
    paths,
    misses: [...lost].map((write) => [write, read.node]),
    explain: () => {
      const writes = [...lost].map((write) => describeWriteOf(graph, write, read.key)).join(' and ');
      const got = describeReturned(graph.attributed.flat, read.access);
      return `${replica} ended with ${got}, although ${writes} was acknowledged and nothing newer replaced it`;
    },
  };
}

function reasonOf(
  graph: CausalGraph,
  finals: readonly FinalRead[],
  byKey: ReadonlyMap<string, readonly FinalRead[]>,
): string | undefined {
  const replicas = [...new Set(finals.map(({ replica }) => replica))];
  for (const [key, reads] of byKey) {
    const missing = replicas.find((replica) => !reads.some((read) => read.replica === replica));
    if (missing !== undefined) return `${key} has no final read at ${missing}`;
  }
  const { keys } = graph.attributed.flat;
  for (const [number, { chains }] of graph.writes) {
    const key = keys[number] ?? '';
    if (chains.length > 0 && !byKey.has(key)) return `${key} was written, and has no final read`;
  }
  const unknown = finals.find(({ read }) => read.sources.some(({ kind }) => kind === 'unknown'));
  if (unknown !== undefined)
    return `it is not known which write the final read of ${unknown.access.key} at ${unknown.replica} returned`;
  return graph.order === undefined ? 'causal order has a cycle' : undefined;
}
