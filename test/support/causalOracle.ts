import { formatDot } from '../../src/core/clock/dot.js';
import type { Update } from '../../src/core/update.js';
import type { Version, Versions } from '../../src/core/versions.js';

/** `node1:7` */
export type DotText = string;

interface Write {
  readonly update: Update;
  /** What its writer had seen, per replica: read or written by its session, or shown by its replica. */
  readonly seen: ReadonlyMap<string, number>;
  /** Everything that happened before it: what its writer had seen, and what had happened before that. */
  readonly past: ReadonlySet<DotText>;
}

/** What one replica shows, as seen from outside: which writes, and how many operations of each. */
export interface View {
  readonly name: string;
  readonly applied: Map<DotText, number>;
}

/**
 * Judges a run from what was observed alone: who had seen what when it wrote, and what each replica showed in which order.
 * It never looks at the vectors of a replica or at the dependencies of an update. It is also the executable specification
 * of what a key holds: a version survives if and only if no other write of the key that is shown had seen it.
 */
export class CausalOracle {
  readonly violations: string[] = [];
  readonly writes = new Map<DotText, Write>();
  readonly #acknowledged = new Set<DotText>();

  /** A replica gave a write its dot. */
  accepted(update: Update, observed: Iterable<DotText>): void {
    const dot = formatDot(update.dot);
    if (this.writes.has(dot)) this.violations.push(`${dot} names two writes`);
    const seen = new Map<string, number>();
    const past = new Set<DotText>();
    for (const each of observed) {
      const write = this.writes.get(each);
      if (write === undefined) this.violations.push(`${dot} was written after seeing ${each}, which is lost`);
      const { replica, counter } = write?.update.dot ?? update.dot;
      seen.set(replica, Math.max(counter, seen.get(replica) ?? 0));
      past.add(each);
      for (const before of write?.past ?? []) past.add(before);
      if ((write?.update.timestamp ?? 0) >= update.timestamp)
        this.violations.push(`${dot} is dated before ${each}`);
    }
    this.writes.set(dot, { update, seen, past });
  }

  acknowledged(dot: DotText): void {
    this.#acknowledged.add(dot);
  }

  /** A crash took a write that had not left its replica. */
  lost(dot: DotText): void {
    if (this.#acknowledged.has(dot)) this.violations.push(`${dot} was acknowledged and is lost`);
    this.writes.delete(dot);
  }

  /** A replica shows the effect of one operation of a write. */
  applied(view: View, dot: DotText): void {
    const count = view.applied.get(dot);
    if (count === undefined) this.#firstShown(view, dot);
    view.applied.set(dot, (count ?? 0) + 1);
  }

  #firstShown(view: View, dot: DotText): void {
    const write = this.writes.get(dot);
    if (write === undefined) this.violations.push(`${view.name} shows ${dot}, which nobody wrote`);
    for (const before of write?.past ?? []) {
      if (!view.applied.has(before)) this.violations.push(`${view.name} shows ${dot} before ${before}`);
    }
  }

  /** Between two steps of a replica a client may look: each write is then shown whole, and once. */
  checkWhole(view: View, dots: Iterable<DotText>): void {
    for (const dot of dots) {
      const [shown, whole] = [view.applied.get(dot) ?? 0, this.writes.get(dot)?.update.operations.length];
      if (shown !== whole)
        this.violations.push(`${view.name} applied ${shown} of ${whole} operations of ${dot}`);
    }
  }

  /** A session that has observed `observed` is answered by a replica. */
  checkSession(view: View, observed: Iterable<DotText>): void {
    for (const dot of observed) {
      for (const before of [dot, ...(this.writes.get(dot)?.past ?? [])]) {
        if (!view.applied.has(before))
          this.violations.push(`${view.name} serves a session without ${before}`);
      }
    }
  }

  checkKey(view: View, key: string, versions: Versions): void {
    const shown = textOf(versions);
    const expected = this.expectedVersions(key, view.applied.keys());
    if (shown !== expected) this.violations.push(`${view.name} has ${key} as ${shown}, not as ${expected}`);
  }

  /**
   * The specification: what a key holds where exactly these writes are delivered, the winner first. But for tombstones
   * with no value behind them, which are there or not: they decide nothing.
   */
  expectedVersions(key: string, delivered: Iterable<DotText>): string {
    const writes = [...delivered]
      .map((dot) => this.writes.get(dot))
      .filter((write) => write !== undefined)
      .filter(({ update }) => update.operations.some((operation) => operation.key === key));
    const versions = writes
      .filter((version) => !writes.some((other) => hasSeen(other, version)))
      .map(({ update }) => update)
      .sort(
        (left, right) => right.timestamp - left.timestamp || (left.dot.replica < right.dot.replica ? 1 : -1),
      )
      .map((update) => ({ dot: update.dot, value: lastValue(update, key) }));
    return textOf(versions);
  }
}

function textOf(versions: readonly Pick<Version, 'dot' | 'value'>[]): string {
  const end = versions.findLastIndex(({ value }) => value !== null) + 1;
  return versions
    .slice(0, end)
    .map(({ dot, value }) => `${formatDot(dot)}=${String(value)}`)
    .join(' ');
}

/** What one replica accepts is ordered, so a write has also seen the earlier ones of its replica. */
function hasSeen(write: Write, other: Write): boolean {
  const { replica, counter } = other.update.dot;
  if (write.update.dot.replica === replica) return counter < write.update.dot.counter;
  return counter <= (write.seen.get(replica) ?? 0);
}

function lastValue(update: Update, key: string): Uint8Array | null {
  const operation = update.operations.findLast((each) => each.key === key);
  return operation?.kind === 'put' ? operation.value : null;
}
