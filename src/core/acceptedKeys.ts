import type { Condition } from './condition.js';
import { clashes } from './typeRules.js';
import type { Operation, Update } from './update.js';

/** The keys of writes that are accepted and not delivered yet: those on their way to the disk. */
export class AcceptedKeys {
  readonly #underWay: () => Iterable<Update>;
  /**
   * Per key, the last such write; what makes values expire is not among them. Made when it is first asked for, and kept up until
   * nothing is under way: most writes never ask.
   */
  #last: Map<string, Update> | undefined;

  /** @param underWay - all such writes, the oldest first */
  constructor(underWay: () => Iterable<Update>) {
    this.#underWay = underWay;
  }

  accepted(update: Update): void {
    if (this.#last !== undefined) addTo(this.#last, update);
  }

  delivered(update: Update): void {
    const last = this.#last;
    if (last === undefined) return;
    for (const { key } of update.operations) if (last.get(key) === update) last.delete(key);
    if (last.size === 0) this.#last = undefined;
  }

  /**
   * The counter of the last write that others have to wait for, or 0: a condition, and what type a key has, is judged by what is
   * delivered, and that write could change it.
   */
  rivalOf(operations: readonly Operation[], condition: Condition | undefined): number {
    let last = 0;
    for (const { key, kind } of operations) {
      if (condition === undefined && (kind === 'put' || kind === 'delete')) continue;
      const rival = (this.#last ??= this.#made()).get(key);
      if (rival === undefined) continue;
      if (condition !== undefined || clashes(kind, lastKindAt(rival, key))) {
        last = Math.max(last, rival.dot.counter);
      }
    }
    return last;
  }

  #made(): Map<string, Update> {
    const made = new Map<string, Update>();
    for (const update of this.#underWay()) addTo(made, update);
    return made;
  }
}

function addTo(last: Map<string, Update>, update: Update): void {
  for (const { key, kind } of update.operations) if (kind !== 'expire') last.set(key, update);
}

function lastKindAt({ operations }: Update, key: string): Operation['kind'] {
  return operations.findLast((operation) => operation.key === key)?.kind ?? 'put';
}
