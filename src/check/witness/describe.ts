import type { CausalGraph, GraphRead } from '../order/causalGraph.js';
import { at, type FlatHistory } from '../attribution/flatHistory.js';
import type { Source } from '../attribution/source.js';
import type { Returned } from '../history.js';
import { shortestPath, type Step, withoutInner } from '../order/paths.js';

/** Puts accesses and orders into words. */

/** `a=1 (node1:1)`, `the delete of a`. */
export function describeVersion(key: string, { value, wid }: Returned): string {
  const name = wid === undefined ? '' : ` (${wid})`;
  return value === null ? `the delete of ${key}${name}` : `${key}=${String(value)}${name}`;
}

/** What was returned: `a=1 (node1:1) and a=2`, `nothing of a`. */
export function describeReturned(flat: FlatHistory, access: number): string {
  const read = flat.accesses[access];
  if (read?.kind !== 'read') return '';
  const isAbsent = read.returned.every(({ value }) => value === null);
  if (isAbsent) return `nothing of ${read.key}`;
  return read.returned.map((version) => describeVersion(read.key, version)).join(' and ');
}

export function describeWrite(flat: FlatHistory, access: number): string {
  const write = flat.accesses[access];
  return write?.kind === 'write' ? describeVersion(write.key, write) : '';
}

/** Why what was returned is of no write, as the end of a sentence. */
export function describeNowhere(flat: FlatHistory, { named }: Source & { kind: 'nowhere' }): string {
  if (named === undefined) return 'which nobody wrote';
  return `but the write of that name is ${describeWrite(flat, named)}`;
}

/** The write of a node to a key; of several, the last. */
export function describeWriteOf(graph: CausalGraph, node: number, key?: number): string {
  return describeWrite(graph.attributed.flat, writeOf(graph, node, key));
}

export function sessionName({ attributed: { flat }, layout }: CausalGraph, node: number): string {
  return `session ${flat.sessions[at(layout.sessionOf, node)] ?? ''}`;
}

/** How it comes that one node is before the other; `key` is what it is about, if it is about one. */
export function describePath(graph: CausalGraph, from: number, to: number, key?: number): string {
  const path = shortestPath(graph, from, to);
  return path === undefined ? '' : describeSteps(graph, path, key);
}

/** `session s1 wrote a=1; session s2 read a=1 and then wrote b=2`. */
export function describeSteps(graph: CausalGraph, path: readonly Step[], key?: number): string {
  const steps = withoutInner(graph, path);
  const parts: { session: string; did: string[] }[] = [];
  for (const [index, { node }] of steps.entries()) {
    const session = sessionName(graph, node);
    const did = describeNode(graph, {
      node,
      before: steps[index - 1]?.node,
      after: steps[index + 1]?.node,
      key,
    });
    const last = parts.at(-1);
    if (last?.session === session) last.did.push(did);
    else parts.push({ session, did: [did] });
  }
  return parts.map(({ session, did }) => `${session} ${did.join(' and then ')}`).join('; ');
}

interface PathNode {
  readonly node: number;
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly key: number | undefined;
}

/** What a node did, as far as it joins its neighbours on a path; and at its ends, what it did to the key. */
function describeNode(graph: CausalGraph, { node, before, after, key }: PathNode): string {
  const { flat } = graph.attributed;
  const readOf = (reader: number, writer: number): GraphRead | undefined =>
    graph.readsOf(reader).find(({ sources }) => sources.some((each) => graph.writerOf(each) === writer));
  const joining = before === undefined ? undefined : readOf(node, before);
  const next = after === undefined ? undefined : readOf(after, node);
  const ofKey = graph.readsOf(node).find((read) => read.key === key);
  const reads = [joining, after === undefined ? ofKey : undefined].flatMap((read) => read?.access ?? []);
  const keys = [before === undefined ? key : undefined, next?.key].filter((each) => each !== undefined);
  const writes = keys.map((each) => writeOf(graph, node, each)).filter((write) => write !== -1);
  const did = [
    ...[...new Set(reads)].map((access) => `read ${describeReturned(flat, access)}`),
    ...[...new Set(writes)].map((access) => `wrote ${describeWrite(flat, access)}`),
  ];
  return did.length > 0 ? did.join(' and ') : describeAny(graph, node);
}

function describeAny(graph: CausalGraph, node: number): string {
  const { flat } = graph.attributed;
  const write = writeOf(graph, node);
  if (write !== -1) return `wrote ${describeWrite(flat, write)}`;
  const [first] = graph.readsOf(node);
  return `read ${describeReturned(flat, first?.access ?? at(graph.layout.accessFrom, node))}`;
}

function writeOf({ attributed: { flat }, layout }: CausalGraph, node: number, key?: number): number {
  for (let access = at(layout.accessTo, node) - 1; access >= at(layout.accessFrom, node); access -= 1) {
    const isMeant = key === undefined || flat.keyOf[access] === key;
    if (isMeant && flat.accesses[access]?.kind === 'write') return access;
  }
  return -1;
}
