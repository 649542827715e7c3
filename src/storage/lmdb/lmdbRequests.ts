import type { Dot } from '../../core/clock/dot.js';
import type { RequestTable } from '../../core/state.js';
import type { RequestId } from '../../core/update.js';
import type { LmdbTable } from './lmdbTable.js';

/** The request table of a store on disk. */
export class LmdbRequests implements RequestTable {
  readonly #table: LmdbTable<readonly Dot[]>;
  readonly #assertOpen: () => void;

  constructor(table: LmdbTable<readonly Dot[]>, assertOpen: () => void) {
    this.#table = table;
    this.#assertOpen = assertOpen;
  }

  get size(): number {
    return this.#table.entries;
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

  oldest(before: RequestId, limit: number): { request: RequestId; dots: readonly Dot[] }[] {
    this.#assertOpen();
    const found = this.#table.scan({ start: '', endsAt: (request) => request >= before, limit });
    return found.map(([request, dots]) => ({ request, dots }));
  }
}
