import type { Dot } from '../../core/clock/dot.js';
import type { RequestTable } from '../../core/state.js';
import type { RequestId } from '../../core/update.js';
import type { RequestEntry } from '../storeSnapshot.js';
import type { MemoryTable } from './memoryTable.js';

/** The request table of a store in memory. */
export class MemoryRequests implements RequestTable {
  readonly #table: MemoryTable<readonly Dot[]>;
  readonly #assertOpen: () => void;

  constructor(table: MemoryTable<readonly Dot[]>, assertOpen: () => void) {
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
    const found: RequestEntry[] = [];
    for (const [request, dots] of this.#table.from('')) {
      if (found.length === limit || request >= before) break;
      found.push({ request, dots });
    }
    return found;
  }
}
