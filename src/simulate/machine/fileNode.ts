import type { SeededRandom } from './seededRandom.js';

/** How to take back a write or a truncation. */
interface Change {
  readonly position: number;
  /** 0 for a truncation. */
  readonly length: number;
  readonly sizeBefore: number;
  /** What stood from `position` on, as far as it is gone. */
  readonly gone: Buffer;
}

const nothing = Buffer.alloc(0);
const bytesMin = 256;

/**
 * The content of a file: as it is, with what it takes to go back to what was synced. An append copies only what is appended.
 */
export class FileNode {
  changedMs: number;
  /** When the last operation on it ends: operations on one file end in their order. */
  readyAtMs = 0;
  #bytes = nothing;
  #size = 0;
  /** Since the last sync, the oldest first. */
  readonly #changes: Change[] = [];
  #synced = 0;

  constructor(changedMs: number) {
    this.changedMs = changedMs;
  }

  get size(): number {
    return this.#size;
  }

  read(target: Buffer, position: number): number {
    if (position >= this.#size) return 0;
    return this.#bytes.copy(target, 0, position, Math.min(this.#size, position + target.length));
  }

  /** A copy of all of it. */
  content(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#size));
  }

  write(bytes: Buffer, position: number): void {
    const end = position + bytes.length;
    this.#note(position, bytes.length, Math.min(end, this.#size));
    this.#makeRoom(end);
    if (position > this.#size) this.#bytes.fill(0, this.#size, position);
    bytes.copy(this.#bytes, position);
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number): void {
    this.#note(size, 0, this.#size);
    this.#makeRoom(size);
    if (size > this.#size) this.#bytes.fill(0, this.#size, size);
    this.#size = size;
  }

  /** Names the present state for `settle`. */
  get mark(): number {
    return this.#synced + this.#changes.length;
  }

  /** What had happened by then is durable. */
  settle(mark: number): void {
    const settled = Math.max(0, mark - this.#synced);
    this.#changes.splice(0, settled);
    this.#synced += settled;
  }

  /**
   * Keeps a beginning of what is not synced.
   * @param keeps - how many changes, at least; the next one perhaps in part
   * @returns what it cost
   */
  crash(keeps: number, random: SeededRandom): 'nothing' | 'changes' | 'part of a write' {
    const lost = this.#changes.splice(keeps);
    const first = lost[0];
    if (first === undefined) {
      this.settle(this.mark);
      return 'nothing';
    }
    const kept = first.length > 1 && random.chance(0.5) ? random.between(1, first.length - 1) : 0;
    for (const change of lost.slice(1).reverse()) this.#takeBack(change, 0);
    this.#takeBack(first, kept);
    this.settle(this.mark);
    return kept === 0 ? 'changes' : 'part of a write';
  }

  get unsynced(): number {
    return this.#changes.length;
  }

  #takeBack({ position, gone, sizeBefore }: Change, kept: number): void {
    if (kept < gone.length) gone.copy(this.#bytes, position + kept, kept);
    this.#size = Math.max(sizeBefore, kept === 0 ? 0 : position + kept);
  }

  #note(position: number, length: number, goneEnd: number): void {
    const gone = position < goneEnd ? Buffer.from(this.#bytes.subarray(position, goneEnd)) : nothing;
    this.#changes.push({ position, length, sizeBefore: this.#size, gone });
  }

  #makeRoom(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(bytesMin, size, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#size);
    this.#bytes = larger;
  }
}
