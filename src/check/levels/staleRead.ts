import { type CausalGraph, type GraphRead, visitLatest } from '../order/causalGraph.js';
import type { CausalOrder } from '../order/causalOrder.js';
import { describePath, describeReturned, describeWriteOf, sessionName } from '../witness/describe.js';
import { at } from '../attribution/flatHistory.js';
import { type Finding, findingsMax } from '../witness/finding.js';
import { laterDeletes } from './laterDeletes.js';
import { nearestFirst } from './nearestFirst.js';
import { SeenBySession } from './seenBySession.js';
import type { Source } from '../attribution/source.js';

/** A version that was returned though `missed`, a write of its key that it is older than, was causally before the read. */
export interface Stale {
  readonly read: GraphRead;
  readonly returned: number | undefined;
  readonly missed: number;
  /** Of an absent key that may be one of several: those, all of which are older. */
  readonly candidates: readonly number[];
}

export interface StaleFinding extends Finding {
  readonly stale: Stale;
}

/**
 * The patterns WriteCOInitRead and WriteCORead (Bouajjani et al., POPL 2017, table 2): a read returned the initial
 * value although a write to its key was causally before it, or returned a version that such a write is causally after.
 * Of versions returned together the winner is judged so. Another one, a sibling, is stale only if a write before the read
 * was made by a session that had itself seen it: a session overwrites what it has seen, so what it merely follows from
 * stays beside what it writes. Per read and session one binary search: O(n s log n).
 */
export function findStaleReads(graph: CausalGraph, order: CausalOrder): StaleFinding[] {
  const findings: StaleFinding[] = [];
  let seen: SeenBySession | undefined;
  for (const read of graph.reads) {
    for (const [index, source] of read.sources.entries()) {
      const stale =
        index === 0
          ? staleness(graph, order, read, source)
          : staleSibling(graph, order, read, source, (seen ??= new SeenBySession(graph)));
      if (stale !== undefined) findings.push(findingOf(graph, stale));
      if (findings.length >= findingsMax) return findings;
    }
  }
  return findings;
}

function staleness(
  graph: CausalGraph,
  order: CausalOrder,
  read: GraphRead,
  source: Source,
): Stale | undefined {
  if (source.kind === 'initial') return overwrittenInitial(graph, order, read);
  if (source.kind === 'write') return overwritten(graph, order, read, at(graph.layout.nodeOf, source.write));
  return source.kind === 'oneOf' ? overwrittenAll(graph, order, read, source) : undefined;
}

function staleSibling(
  graph: CausalGraph,
  order: CausalOrder,
  read: GraphRead,
  source: Source,
  seen: SeenBySession,
): Stale | undefined {
  const returned = graph.writerOf(source);
  if (returned === undefined) return undefined;
  return overwritten(graph, order, read, returned, (write) => seen.hadSeen(write, returned));
}

function overwrittenInitial(graph: CausalGraph, order: CausalOrder, read: GraphRead): Stale | undefined {
  let missed = -1;
  visitLatest(graph, order, read, (write) => {
    missed = write;
    return true;
  });
  return missed === -1 ? undefined : { read, returned: undefined, missed, candidates: [] };
}

function overwritten(
  graph: CausalGraph,
  order: CausalOrder,
  read: GraphRead,
  returned: number,
  replaces: (write: number) => boolean = () => true,
): Stale | undefined {
  let missed = -1;
  visitLatest(graph, order, read, (write) => {
    if (write === returned || !order.precedes(returned, write) || !replaces(write)) return false;
    missed = write;
    return true;
  });
  return missed === -1 ? undefined : { read, returned, missed, candidates: [] };
}

/** It is stale only if it is stale whichever it is; a delete that is not before the read, and not after, saves it. */
function overwrittenAll(
  graph: CausalGraph,
  order: CausalOrder,
  read: GraphRead,
  { deletes, orInitial }: Source & { kind: 'oneOf' },
): Stale | undefined {
  const { nodeOf } = graph.layout;
  let stale = orInitial ? overwrittenInitial(graph, order, read) : undefined;
  if (orInitial && stale === undefined) return undefined;
  const candidates: number[] = [];
  for (const each of nearestFirst(deletes, read.access)) {
    const node = at(nodeOf, each);
    if (node === -1) return undefined;
    if (node === read.node || order.precedes(read.node, node)) continue;
    stale = overwritten(graph, order, read, node);
    if (stale === undefined) return undefined;
    candidates.push(node);
  }
  return stale === undefined ? undefined : { ...stale, returned: undefined, candidates };
}

function findingOf(graph: CausalGraph, stale: Stale): StaleFinding {
  const { read, returned, missed, candidates } = stale;
  const older = returned === undefined ? candidates : [returned];
  return {
    stale,
    pattern: returned === undefined && candidates.length === 0 ? 'WriteCOInitRead' : 'WriteCORead',
    graph,
    nodes: [read.node, missed, ...older],
    paths: [[missed, read.node], ...pathsOfOlder(graph, read, older), ...laterDeletes(graph, read)],
    misses: [[missed, read.node]],
    explain: () => explain(graph, stale),
  };
}

/** Each of the older versions to the write that shows it to be older. */
function pathsOfOlder(graph: CausalGraph, read: GraphRead, older: readonly number[]): [number, number][] {
  const { order } = graph;
  if (order === undefined) return [];
  return older.flatMap((node): [number, number][] => {
    const found = overwritten(graph, order, read, node);
    return found === undefined
      ? []
      : [
          [node, found.missed],
          [found.missed, read.node],
        ];
  });
}

function explain(graph: CausalGraph, { read, returned, missed }: Stale): string {
  const got = describeReturned(graph.attributed.flat, read.access);
  const write = describeWriteOf(graph, missed, read.key);
  const seen = `${sessionName(graph, read.node)} read ${got}, although ${write} is causally before that read`;
  const how = describePath(graph, missed, read.node, read.key);
  if (returned === undefined) return `${seen}: ${how}`;
  const older = describeWriteOf(graph, returned, read.key);
  return `${seen} and overwrote ${older}: ${describePath(graph, returned, missed, read.key)}; ${how}`;
}
