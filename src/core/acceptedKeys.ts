import type { Condition } from './condition.js';
import { clashes } from './typeRules.js';
import type { Operation, Update } from './update.js';

/** The keys of writes that are accepted and not delivered yet: those on their way to the disk. */
export class AcceptedKeys {
  /** Per key, the last such write; what makes values expire is not among them. */
  readonly #last = new Map<string, Update>();

  accepted(update: Update): void {
    for (const { key, kind } of update.operations) if (kind !== 'expire') this.#last.set(key, update);
  }

  delivered(update: Update): void {
    for (const { key } of update.operations) if (this.#last.get(key) === update) this.#last.delete(key);
  }

  /**
   * The counter of the last write that others have to wait for, or 0: a condition, and what type a key has, is judged by what is
   * delivered, and that write could change it.
   */
  rivalOf(operations: readonly Operation[], condition: Condition | undefined): number {
    let last = 0;
    for (const { key, kind } of operations) {
      if (condition === undefined && (kind === 'put' || kind === 'delete')) continue;
      const rival = this.#last.get(key);
      if (rival === undefined) continue;
      if (condition !== undefined || clashes(kind, lastKindAt(rival, key))) {
        last = Math.max(last, rival.dot.counter);
      }
    }
    return last;
  }
}

function lastKindAt({ operations }: Update, key: string): Operation['kind'] {
  return operations.findLast((operation) => operation.key === key)?.kind ?? 'put';
}
