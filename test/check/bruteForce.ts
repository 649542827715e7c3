import type { History, Read, Returned, Write } from '../../src/check/history.js';
import type { Level } from '../../src/check/report.js';

/**
 * The definitions, tried out: every order of the operations there could be. It shares nothing with the checker but the
 * types, and is for a handful of operations.
 *
 * Where it is not clear which write a version is of, a level is violated if it is whichever it is.
 */
export interface BruteForceVerdicts {
  readonly violated: ReadonlySet<Level>;
  /** Whether each version could be of one write only. */
  readonly isClear: boolean;
  /** Whether causal order is cyclic whatever was returned: then the session guarantees say nothing. */
  readonly isCyclic: boolean;
}

export const bruteForceLevels: readonly Level[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
  'CC',
  'CM',
  'CCv',
  'TCC',
];

export function bruteForce(history: History): BruteForceVerdicts {
  const nodes = nodesOf(history);
  const reads = nodes.filter((node): node is ReadNode => node.access.kind === 'read');
  const versions = reads.flatMap((node) => node.access.returned.map((version) => ({ node, version })));
  const choices = versions.map(({ node, version }) => candidatesOf(nodes, node.access.key, version));
  let violated = new Set(bruteForceLevels);
  let isCyclic = true;
  for (const chosen of product(choices)) {
    const sources = new Map(reads.map((node) => [node, [] as Origin[]]));
    versions.forEach(({ node }, index) => sources.get(node)?.push(chosen[index] ?? 'nowhere'));
    const world = new World(nodes, sources);
    isCyclic &&= world.isCyclic;
    violated = new Set([...violated].filter((level) => world.violates(level)));
  }
  return { violated, isClear: choices.every(({ length }) => length === 1), isCyclic };
}

interface Node {
  readonly operation: number;
  readonly place: number;
  readonly session: string;
  readonly status: 'ok' | 'fail' | 'info';
  readonly access: Read | Write;
}

type ReadNode = Node & { readonly access: Read };
type Origin = Node | 'initial' | 'nowhere';

function nodesOf(history: History): Node[] {
  const nodes = history.flatMap(({ session, status, accesses }, operation) =>
    accesses.map((access) => ({ operation, session, status, access })),
  );
  return nodes
    .filter(({ status, access }) => status === 'ok' || access.kind === 'write')
    .map((node, place) => ({ ...node, place }));
}

function candidatesOf(nodes: readonly Node[], key: string, { value, wid }: Returned): Origin[] {
  const writes = nodes.filter(
    ({ access }) =>
      access.kind === 'write' &&
      access.key === key &&
      access.value === value &&
      (wid === undefined || access.wid === wid),
  );
  const possible = writes.filter(({ status }) => status !== 'fail');
  if (value === null && wid === undefined) return ['initial', ...possible];
  return possible.length > 0 ? possible : ['nowhere'];
}

function* product<T>([first, ...others]: readonly (readonly T[])[]): Generator<T[]> {
  if (first === undefined) yield [];
  else for (const item of first) for (const rest of product(others)) yield [item, ...rest];
}

/** A history of which it is known what every read returned. */
class World {
  readonly isCyclic: boolean;
  readonly #nodes: readonly Node[];
  readonly #sources: ReadonlyMap<ReadNode, readonly Origin[]>;
  readonly #co: Relation<Node>;

  constructor(nodes: readonly Node[], sources: ReadonlyMap<ReadNode, readonly Origin[]>) {
    const seen = new Set<number>();
    for (const origin of [...sources.values()].flat()) if (isNode(origin)) seen.add(origin.operation);
    this.#nodes = nodes.filter(({ status, operation }) => status === 'ok' || seen.has(operation));
    this.#sources = sources;
    this.#co = new Relation(this.#nodes, (a, b) => this.#po(a, b) || this.#reads(a, b));
    this.isCyclic = this.#nodes.some((node) => this.#co.has(node, node));
  }

  violates(level: Level): boolean {
    if (level === 'TCC') return !this.#isTransactional();
    const isSession = level !== 'CC' && level !== 'CM' && level !== 'CCv';
    if (this.isCyclic) return true;
    if (isSession) return [...this.#sources.keys()].some((read) => this.#isMissed(level, read));
    if (
      [...this.#sources].some(
        ([read, [winner = 'nowhere', ...siblings]]) =>
          !this.#isCausal(read, winner) ||
          siblings.some((origin, index) => this.#isStale(read, origin, index + 1)),
      )
    )
      return true;
    if (level === 'CCv') return !this.#isConvergent();
    return level === 'CM' && !this.#isMemory();
  }

  #po(a: Node, b: Node): boolean {
    if (a.session !== b.session || a.place >= b.place) return false;
    return a.status === 'ok' || a.operation === b.operation;
  }

  #reads(a: Node, b: Node): boolean {
    return this.#sources.get(b as ReadNode)?.includes(a) === true;
  }

  #writesOf(key: string, nodes: readonly Node[] = this.#nodes): Node[] {
    return nodes.filter(({ access }) => access.kind === 'write' && access.key === key);
  }

  #past(node: Node): Node[] {
    return this.#nodes.filter((each) => this.#co.has(each, node));
  }

  /** Whether some order of what is before the read ends, of its key, with the version that it returned. */
  #isCausal(read: ReadNode, origin: Origin): boolean {
    if (origin === 'nowhere') return false;
    return someOrder(this.#past(read), this.#co, (order) => this.#last(read, order) === origin);
  }

  /** Whether a sibling was overwritten before the read by a session that had seen it itself. */
  #isStale(read: ReadNode, origin: Origin, index: number): boolean {
    if (origin === 'nowhere') return true;
    if (!isNode(origin) || isNameless(read, index)) return false;
    return this.#writesOf(read.access.key, this.#past(read)).some(
      (write) =>
        this.#co.has(origin, write) &&
        (this.#po(origin, write) ||
          [...this.#sources.keys()].some((each) => this.#po(each, write) && this.#reads(origin, each))),
    );
  }

  #last(read: ReadNode, order: readonly Node[]): Origin {
    return this.#writesOf(read.access.key, order).at(-1) ?? 'initial';
  }

  /** Whether one order of all writes explains every read, each taking part in it with what is before it. */
  #isConvergent(): boolean {
    const writes = this.#nodes.filter(({ access }) => access.kind === 'write');
    const pasts = [...this.#sources].map(([read, [winner]]) => ({
      read,
      winner,
      past: new Set(this.#past(read)),
    }));
    return someOrder(writes, this.#co, (order) =>
      pasts.every(
        ({ read, winner, past }) =>
          this.#last(
            read,
            order.filter((each) => past.has(each)),
          ) === winner,
      ),
    );
  }

  /** Whether for every session one order of all that is before its end explains all of its reads. */
  #isMemory(): boolean {
    const sessions = new Set(this.#nodes.map(({ session }) => session));
    return [...sessions].every((session) => {
      const end = this.#nodes.findLast((node) => node.session === session && node.status === 'ok');
      if (end === undefined) return true;
      return someOrder([...this.#past(end), end], this.#co, (order) =>
        order.every((node, index) => {
          const [winner] = this.#sources.get(node as ReadNode) ?? [];
          if (winner === undefined || node.session !== session) return true;
          return this.#last(node as ReadNode, order.slice(0, index)) === winner;
        }),
      );
    });
  }

  #isMissed(level: Level, read: ReadNode): boolean {
    const missed = this.#missedOf(level, read);
    const origins = this.#sources.get(read) ?? [];
    return (
      missed.length > 0 &&
      origins.every((origin) => {
        if (origin === 'nowhere') return false;
        return origin === 'initial' || missed.some((write) => this.#co.has(origin, write));
      })
    );
  }

  /** The writes to its key that the read must not be older than. */
  #missedOf(level: Level, read: ReadNode): Node[] {
    const writes = this.#writesOf(read.access.key);
    const readers = [...this.#sources.keys()];
    const readBefore = (write: Node, before: Node): boolean =>
      readers.some((each) => this.#po(each, before) && this.#reads(write, each));
    const readBySnapshot = (write: Node): boolean =>
      write.operation !== read.operation &&
      readers.some((each) => each.operation === read.operation && this.#reads(write, each));
    const carriers = this.#nodes.filter((each) => readBefore(each, read) || readBySnapshot(each));
    if (level === 'read-your-writes') return writes.filter((write) => this.#po(write, read));
    if (level === 'monotonic-reads')
      return writes.filter((write) =>
        readers.some((r) => r.access.key === read.access.key && this.#po(r, read) && this.#reads(write, r)),
      );
    if (level === 'monotonic-writes')
      return writes.filter((write) => carriers.some((carrier) => this.#po(write, carrier)));
    return writes.filter((write) => carriers.some((carrier) => readBefore(write, carrier)));
  }

  /** Whether one order of the operations explains every read of them. */
  #isTransactional(): boolean {
    const units = [...new Set(this.#nodes.map(({ operation }) => operation))];
    const external: {
      read: ReadNode;
      unit: number;
      key: string;
      origins: readonly (number | 'initial')[];
    }[] = [];
    for (const [read, origins] of this.#sources) {
      if (!this.#isSoundInside(read, origins)) return false;
      const hasOwn = this.#writesOf(read.access.key).some(
        (write) => write.operation === read.operation && write.place < read.place,
      );
      if (hasOwn) continue;
      const names = origins.map((origin) => (isNode(origin) ? origin.operation : 'initial'));
      external.push({ read, unit: read.operation, key: read.access.key, origins: names });
    }
    const co = new Relation(
      units,
      (a, b) =>
        external.some(({ unit, origins }) => unit === b && origins.includes(a)) ||
        this.#nodes.some(
          (x) => x.operation === a && this.#nodes.some((y) => y.operation === b && a !== b && this.#po(x, y)),
        ),
    );
    if (units.some((unit) => co.has(unit, unit))) return false;
    const before = ({ unit, key }: (typeof external)[number]): number[] =>
      units.filter(
        (each) => co.has(each, unit) && this.#writesOf(key).some(({ operation }) => operation === each),
      );
    const isBefore = (a: number, b: number): boolean =>
      this.#nodes.some(
        (x) => x.operation === a && this.#nodes.some((y) => y.operation === b && a !== b && this.#po(x, y)),
      );
    const hadSeen = (unit: number, origin: number): boolean =>
      isBefore(origin, unit) ||
      external.some((each) => each.origins.includes(origin) && isBefore(each.unit, unit));
    const isCausal = external.every((read) =>
      read.origins.every((origin, index) => {
        if (index === 0) return !before(read).some((each) => origin === 'initial' || co.has(origin, each));
        if (origin === 'initial' || isNameless(read.read, index)) return true;
        return !before(read).some((each) => co.has(origin, each) && hadSeen(each, origin));
      }),
    );
    if (!isCausal) return false;
    return someOrder(units, co, (order) =>
      external.every((read) => {
        const [winner] = read.origins;
        if (winner === 'initial' || winner === undefined) return true;
        return before(read).every((each) => order.indexOf(each) <= order.indexOf(winner));
      }),
    );
  }

  #isSoundInside(read: ReadNode, origins: readonly Origin[]): boolean {
    const own = this.#nodes.filter(
      ({ operation, place }) => operation === read.operation && place < read.place,
    );
    const ownWrite = this.#writesOf(read.access.key, own).at(-1);
    if (origins.includes('nowhere')) return false;
    for (const origin of origins) {
      if (!isNode(origin)) continue;
      const isOwn = origin.operation === read.operation;
      const isFinalWrite =
        this.#writesOf(read.access.key).findLast(({ operation }) => operation === origin.operation) ===
        origin;
      if (!isOwn && !isFinalWrite) return false;
      if (isOwn && ownWrite === undefined) return false;
    }
    if (ownWrite !== undefined) return origins.includes(ownWrite);
    const earlier = own.find(({ access }) => access.kind === 'read' && access.key === read.access.key);
    const earlierOrigins = this.#sources.get(earlier as ReadNode);
    if (earlierOrigins === undefined) return true;
    const [before, now] = [earlierOrigins, origins].map((each) => each.map(presentOf));
    const all = new Set([...before!, ...now!]);
    all.delete('absent');
    const isAll = (some: readonly unknown[]): boolean => [...all].every((each) => some.includes(each));
    return before![0] === now![0] && isAll(before!) && isAll(now!);
  }
}

/** Whether it may be any of several deletes, or none. */
function isNameless(read: ReadNode, index: number): boolean {
  const version = read.access.returned[index];
  return version?.value === null && version.wid === undefined;
}

function isNode(origin: Origin): origin is Node {
  return typeof origin !== 'string';
}

/** An absent key is one, whatever delete it is known by. */
function presentOf(origin: Origin): Node | string {
  if (!isNode(origin)) return origin === 'initial' ? 'absent' : origin;
  return origin.access.kind === 'write' && origin.access.value === null ? 'absent' : origin;
}

/** A transitive relation. */
class Relation<T> {
  readonly #places: ReadonlyMap<T, number>;
  readonly #rows: boolean[][];

  constructor(items: readonly T[], isRelated: (a: T, b: T) => boolean) {
    this.#places = new Map(items.map((item, place) => [item, place]));
    this.#rows = items.map((a) => items.map((b) => isRelated(a, b)));
    const rows = this.#rows;
    for (let middle = 0; middle < items.length; middle += 1)
      for (const row of rows)
        if (row[middle]) for (let to = 0; to < items.length; to += 1) row[to] ||= rows[middle]![to]!;
  }

  has(a: T, b: T): boolean {
    return this.#rows[this.#places.get(a)!]![this.#places.get(b)!]!;
  }
}

/** Whether any total order of the items that contains the relation passes. */
function someOrder<T>(
  items: readonly T[],
  relation: Relation<T>,
  passes: (order: readonly T[]) => boolean,
): boolean {
  const order: T[] = [];
  const rest = new Set(items);
  const extend = (): boolean => {
    if (rest.size === 0) return passes(order);
    for (const item of [...rest]) {
      if ([...rest].some((other) => relation.has(other, item))) continue;
      rest.delete(item);
      order.push(item);
      if (extend()) return true;
      order.pop();
      rest.add(item);
    }
    return false;
  };
  return extend();
}
