import { Overlay } from '../../storage/lmdb/overlay.js';
import { MemoryTable } from '../../storage/memory/memoryTable.js';
import type { OrderedTable, TableRange } from '../../storage/orderedTable.js';

/** A table in memory that knows what of it is not on disk yet. */
export class DirtyTable<Value> implements OrderedTable<Value> {
  readonly memory = new MemoryTable<Value>();
  readonly #overlay: Overlay<Value>;

  constructor(stored: Iterable<readonly [string, Value]>, bytesOf: (value: Value) => number) {
    this.#overlay = new Overlay(bytesOf);
    for (const [key, value] of stored) this.adopt(key, value);
  }

  get size(): number {
    return this.memory.size;
  }

  get dirtyKeys(): number {
    return this.#overlay.dirtyKeys;
  }

  get dirtyBytes(): number {
    return this.#overlay.dirtyBytes;
  }

  get(key: string): Value | undefined {
    return this.memory.get(key);
  }

  set(key: string, value: Value): void {
    this.memory.set(key, value);
    this.#overlay.set(key, value);
  }

  remove(key: string): void {
    if (this.memory.get(key) === undefined) return;
    this.memory.remove(key);
    this.#overlay.set(key, null);
  }

  /** What is on disk already. */
  adopt(key: string, value: Value | undefined): void {
    if (value === undefined) this.memory.remove(key);
    else this.memory.set(key, value);
  }

  scan(range: TableRange): (readonly [string, Value])[] {
    return this.memory.scan(range);
  }

  /** Begins a checkpoint of all that has changed. The oldest one ends by `drop` or `restore` (see `Overlay`). */
  freeze(): void {
    this.#overlay.freeze();
  }

  /** Writes the oldest checkpoint. */
  write(target: Map<string, Value>): void {
    for (const [key, value] of this.#overlay.oldest) {
      if (value === null) target.delete(key);
      else target.set(key, value);
    }
  }

  drop(): void {
    this.#overlay.drop();
  }

  restore(): void {
    this.#overlay.restore();
  }
}
