import type { CausalGraph, GraphRead } from '../../order/causalGraph.js';
import type { CausalOrder } from '../../order/causalOrder.js';
import { describeReturned, describeWriteOf, sessionName } from '../../witness/describe.js';
import { at } from '../../attribution/flatHistory.js';
import type { Pair } from '../../witness/finding.js';
import type { SessionLevel } from './sessionLevel.js';

/** A stale read; and the writes it is stale against, or reads which, or earlier ones of their sessions, returned them. */
export interface Missed {
  readonly read: GraphRead;
  readonly missed?: readonly number[];
  readonly readers?: readonly number[];
}

/** Who takes part in the violation of a session guarantee. */
export interface Shown {
  readonly nodes: readonly number[];
  readonly missed: readonly number[];
  /** Of the versions that were returned, each with a missed write that it is older than. */
  readonly older: readonly Pair[];
  /** A later write of a missed write's session, or of its reader's, and who read it. */
  readonly carriers: readonly { readonly write: number; readonly reader: number; readonly after: number }[];
}

/** Finds again, for one violation, the single writes and reads of which the search only knew that there are some. */
export function nodesOf(graph: CausalGraph, order: CausalOrder, level: SessionLevel, missed: Missed): Shown {
  const { read } = missed;
  const candidates = (missed.missed ?? []).map((write) => ({ write, after: write }));
  const ofReaders = (missed.readers ?? []).flatMap((reader) => versionsReadUpTo(graph, read.key, reader));
  const chosen = new Map<number, number>();
  const older: Pair[] = [];
  for (const version of olderVersions(graph, order, read)) {
    const newer = [...candidates, ...ofReaders].find(
      ({ write }) => version === undefined || order.precedes(version, write),
    );
    if (newer === undefined) continue;
    chosen.set(newer.write, newer.after);
    if (version !== undefined) older.push([version, newer.write]);
  }
  const carriers =
    level === 'read-your-writes' || level === 'monotonic-reads'
      ? []
      : [...chosen.values()].flatMap((after) => carrierOf(graph, read, after) ?? []);
  const nodes = [
    read.node,
    ...chosen.keys(),
    ...chosen.values(),
    ...older.map(([version]) => version),
    ...carriers.flatMap(({ write, reader }) => [write, reader]),
  ];
  return { nodes, missed: [...chosen.keys()], older, carriers };
}

export function explainSession(
  graph: CausalGraph,
  level: SessionLevel,
  read: GraphRead,
  { missed, carriers }: Shown,
): string {
  const name = sessionName(graph, read.node);
  const got = describeReturned(graph.attributed.flat, read.access);
  const writes = missed.map((write) => describeWriteOf(graph, write, read.key)).join(' and ');
  if (level === 'read-your-writes') return `${name} read ${got} after it had itself written ${writes}`;
  if (level === 'monotonic-reads') return `${name} read ${got} after it had read ${writes}`;
  const carried = carriers.map(({ write }) => describeWriteOf(graph, write)).join(' and ');
  const did = level === 'monotonic-writes' ? 'written' : 'written by a session that had read';
  const how =
    level === 'monotonic-writes' ? `${did} by the same session after ${writes}` : `${did} ${writes}`;
  return `${name} read ${carried}, which was ${how}; yet it read ${got}`;
}

/** Undefined stands for the initial value. */
function olderVersions(graph: CausalGraph, order: CausalOrder, read: GraphRead): (number | undefined)[] {
  const { nodeOf } = graph.layout;
  return read.sources.flatMap((source): (number | undefined)[] => {
    if (source.kind === 'write') return [at(nodeOf, source.write)];
    if (source.kind !== 'oneOf') return [undefined];
    const deletes = source.deletes.map((each) => at(nodeOf, each));
    const before = deletes.filter((node) => !order.precedes(read.node, node));
    return source.orInitial ? [undefined, ...before] : before;
  });
}

function versionsReadUpTo(
  graph: CausalGraph,
  key: number,
  reader: number,
): { write: number; after: number }[] {
  const found: { write: number; after: number }[] = [];
  const start = at(graph.layout.chainStart, at(graph.layout.sessionOf, reader));
  for (let node = reader; node >= start; node -= 1) {
    for (const read of graph.readsOf(node)) {
      if (read.key !== key) continue;
      for (const source of read.sources) {
        const write = graph.writerOf(source);
        if (write !== undefined) found.push({ write, after: node });
      }
    }
  }
  return found;
}

/** A write after `after` in the same session that the read's session had read before. */
function carrierOf(
  graph: CausalGraph,
  read: GraphRead,
  after: number,
): { write: number; reader: number; after: number } | undefined {
  const { layout } = graph;
  const start = at(layout.chainStart, at(layout.sessionOf, read.node));
  const operation = layout.operationOf[read.node];
  let last = read.node;
  while (layout.operationOf[last + 1] === operation && !layout.isIndefinite(last + 1)) last += 1;
  for (let node = last; node >= start; node -= 1) {
    for (const { sources } of graph.readsOf(node)) {
      const writes = sources.flatMap((source) => graph.writerOf(source) ?? []);
      const write = writes.find(
        (each) => follows(graph, each, after) && (node < read.node || layout.operationOf[each] !== operation),
      );
      if (write !== undefined && node !== read.node) return { write, reader: node, after };
    }
  }
  return undefined;
}

/** In session order. */
function follows({ layout }: CausalGraph, node: number, earlier: number): boolean {
  if (layout.sessionOf[node] !== layout.sessionOf[earlier]) return false;
  if (layout.isIndefinite(earlier))
    return layout.operationOf[node] === layout.operationOf[earlier] && node > earlier;
  return layout.isIndefinite(node)
    ? at(layout.position, node) > at(layout.position, earlier)
    : node > earlier;
}
