import type { Dot } from '../core/clock/dot.js';
import type { RequestTable } from '../core/state.js';
import type { RequestId } from '../core/update.js';
import type { OrderedTable } from './orderedTable.js';
import type { RequestEntry } from './storeSnapshot.js';

/** The request table of a key store, as one of its ordered tables. */
export class TableRequests implements RequestTable {
  readonly #table: OrderedTable<readonly Dot[]>;
  readonly #assertOpen: () => void;

  constructor(table: OrderedTable<readonly Dot[]>, assertOpen: () => void) {
    this.#table = table;
    this.#assertOpen = assertOpen;
  }

  get size(): number {
    return this.#table.size;
  }

  get(request: RequestId): readonly Dot[] | undefined {
    this.#assertOpen();
    return this.#table.get(request);
  }

  set(request: RequestId, dots: readonly Dot[]): void {
    this.#assertOpen();
    this.#table.set(request, dots);
  }

  remove(request: RequestId): void {
    this.#assertOpen();
    this.#table.remove(request);
  }

  oldest(before: RequestId, limit: number): RequestEntry[] {
    this.#assertOpen();
    const found = this.#table.scan({ start: '', endsAt: (request) => request >= before, limit });
    return found.map(([request, dots]) => ({ request, dots }));
  }
}
