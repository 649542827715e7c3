import { at } from '../attribution/flatHistory.js';
import type { Attributed } from '../attribution/source.js';

/** What is ordered: every access by itself, in the order of its session, or an operation as a whole. */
export type Unit = 'access' | 'operation';

/**
 * The nodes of the causal order, numbered: the ok ones of each session in a row, the chain of the session, and behind all
 * of them the indefinite ones that were seen. Those are no part of their session's chain: what they did comes after what
 * their session had done, but may have taken place at any time later, so nothing of the session comes after them.
 */
export class Layout {
  readonly unit: Unit;
  readonly sessions: number;
  readonly count: number;
  /** By session: its first node; one entry more, which is the first indefinite node. */
  readonly chainStart: Int32Array;
  /** By node. */
  readonly sessionOf: Int32Array;
  readonly operationOf: Int32Array;
  /** By node: its first access, and the one after its last. */
  readonly accessFrom: Int32Array;
  readonly accessTo: Int32Array;
  /** By node: how many nodes of its session's chain are before it in session order. */
  readonly position: Int32Array;
  /** By access; -1: it did not take part. */
  readonly nodeOf: Int32Array;

  constructor({ flat, happened }: Attributed, unit: Unit) {
    const parts = flat.operations.map((operation, index) => {
      if (happened[index] === 0) return [];
      const from = at(flat.firstAccess, index);
      const to = at(flat.firstAccess, index + 1);
      if (unit === 'operation') return [[from, to] as const];
      const accesses = operation.accesses.map((_, offset) => [from + offset, from + offset + 1] as const);
      return operation.status === 'ok'
        ? accesses
        : accesses.filter(([access]) => flat.accesses[access]?.kind === 'write');
    });
    this.unit = unit;
    this.sessions = flat.sessions.length;
    this.count = parts.reduce((sum, { length }) => sum + length, 0);
    this.chainStart = new Int32Array(this.sessions + 1);
    parts.forEach((ranges, index) => {
      const session = at(flat.sessionOf, index) + 1;
      if (flat.operations[index]?.status === 'ok')
        this.chainStart[session] = at(this.chainStart, session) + ranges.length;
    });
    for (let session = 0; session < this.sessions; session += 1)
      this.chainStart[session + 1] = at(this.chainStart, session) + at(this.chainStart, session + 1);
    this.sessionOf = new Int32Array(this.count);
    this.operationOf = new Int32Array(this.count);
    this.accessFrom = new Int32Array(this.count);
    this.accessTo = new Int32Array(this.count);
    this.position = new Int32Array(this.count);
    this.nodeOf = new Int32Array(flat.accesses.length).fill(-1);
    this.#place({
      parts,
      isOk: (index) => flat.operations[index]?.status === 'ok',
      sessionOf: flat.sessionOf,
    });
  }

  isIndefinite(node: number): boolean {
    return node >= at(this.chainStart, this.sessions);
  }

  /** What comes directly before it in session order; undefined: nothing. */
  before(node: number): number | undefined {
    const isInside = this.isIndefinite(node) && this.operationOf[node] === this.operationOf[node - 1];
    if (isInside && this.isIndefinite(node - 1)) return node - 1;
    const position = at(this.position, node);
    return position === 0 ? undefined : at(this.chainStart, at(this.sessionOf, node)) + position - 1;
  }

  #place({ parts, isOk, sessionOf }: Placing): void {
    const placed = new Int32Array(this.sessions);
    let nextIndefinite = at(this.chainStart, this.sessions);
    parts.forEach((ranges, operation) => {
      const session = at(sessionOf, operation);
      for (const [from, to] of ranges) {
        const position = at(placed, session);
        const node = isOk(operation) ? at(this.chainStart, session) + position : nextIndefinite++;
        if (isOk(operation)) placed[session] = position + 1;
        this.sessionOf[node] = session;
        this.operationOf[node] = operation;
        this.accessFrom[node] = from;
        this.accessTo[node] = to;
        this.position[node] = position;
        this.nodeOf.fill(node, from, to);
      }
    });
  }
}

interface Placing {
  readonly parts: readonly (readonly (readonly [from: number, to: number])[])[];
  readonly isOk: (operation: number) => boolean;
  readonly sessionOf: Int32Array;
}
