import type { Dot } from '../core/clock/dot.js';
import type { RequestTable } from '../core/state.js';
import type { RequestId } from '../core/update.js';
import { MemoryTable } from './memoryTable.js';

/** A request table in memory. */
export class MemoryRequests implements RequestTable {
  readonly #table = new MemoryTable<readonly Dot[]>();

  get size(): number {
    return this.#table.size;
  }

  get(request: RequestId): readonly Dot[] | undefined {
    return this.#table.get(request);
  }

  set(request: RequestId, dots: readonly Dot[]): void {
    this.#table.set(request, dots);
  }

  remove(request: RequestId): void {
    this.#table.remove(request);
  }

  oldest(before: RequestId, limit: number): { request: RequestId; dots: readonly Dot[] }[] {
    const found: { request: RequestId; dots: readonly Dot[] }[] = [];
    for (const [request, dots] of this.#table.from('')) {
      if (found.length === limit || request >= before) break;
      found.push({ request, dots });
    }
    return found;
  }
}
