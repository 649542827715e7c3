import { historyLimits } from '../../check/formats/historyLimits.js';
import type { History, Operation } from '../../check/history.js';
import type { Entry, KeyVersion } from '../../client/library/entry.js';
import { KvcError } from '../../errors.js';

/** What all clients of a recording did and saw, each operation when it had ended. */
export class HistoryLog {
  readonly #startedAtMs = performance.now();
  readonly #operations: Omit<Operation, 'line'>[] = [];
  readonly #unjudged = new Set<string>();

  /** ms since the start, of the one clock of all operations. */
  now(): number {
    return Math.round((performance.now() - this.#startedAtMs) * 1000) / 1000;
  }

  /** @throws KvcError KVC_E_MESSAGE_TOO_LARGE where there is no room for another operation, which is not to be begun then */
  requireRoom(): void {
    const { operationsMax } = historyLimits;
    if (this.#operations.length < operationsMax) return;
    const message = `a history has at most ${operationsMax} operations; record a part of what the test does`;
    throw new KvcError('KVC_E_MESSAGE_TOO_LARGE', message, { limit: operationsMax });
  }

  add(operation: Omit<Operation, 'line'>): void {
    this.#operations.push(operation);
  }

  /** What happens to the key is not told by reads and writes alone: it holds a counter or a set, or its value expires. */
  leaveOut(key: string): void {
    this.#unjudged.add(key);
  }

  /** Leaves out the keys of which something was read that no plain write explains. */
  look(entries: readonly (Pick<KeyVersion, 'type' | 'expiresAt'> & Pick<Entry, 'key'>)[]): void {
    for (const { key, type, expiresAt } of entries) {
      if (type !== 'value' || expiresAt !== undefined) this.leaveOut(key);
    }
  }

  writtenKeys(): string[] {
    const written = this.operations().flatMap(({ accesses }) =>
      accesses.filter(({ kind }) => kind === 'write').map(({ key }) => key),
    );
    return [...new Set(written)].sort();
  }

  operations(): History {
    return this.#operations
      .map((operation) => ({
        ...operation,
        accesses: operation.accesses.filter(({ key }) => !this.#unjudged.has(key)),
      }))
      .filter(({ accesses }) => accesses.length > 0)
      .map((operation, index) => ({ ...operation, line: index + 1 }));
  }
}
