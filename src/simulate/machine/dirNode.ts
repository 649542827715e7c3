import type { FileNode } from './fileNode.js';
import type { StoreNode } from './storeNode.js';

export type DiskNode = FileNode | DirNode | StoreNode;

/** What each name means from here on; undefined: nothing any more. */
type NameChange = readonly (readonly [name: string, node: DiskNode | undefined])[];

/** The names in a directory: as they are, and as they were when it was last synced. */
export class DirNode {
  changedMs: number;
  readonly #names = new Map<string, DiskNode>();
  readonly #durable = new Map<string, DiskNode>();
  /** Since the last sync, the oldest first. */
  readonly #changes: NameChange[] = [];
  #synced = 0;

  constructor(changedMs: number) {
    this.changedMs = changedMs;
  }

  get names(): ReadonlyMap<string, DiskNode> {
    return this.#names;
  }

  /** Changes some names at once: a rename is one change. */
  change(change: NameChange, nowMs: number): void {
    apply(change, this.#names);
    this.#changes.push(change);
    this.changedMs = nowMs;
  }

  /** Names the present state for `settle`. */
  get mark(): number {
    return this.#synced + this.#changes.length;
  }

  /** What had happened by then is durable. */
  settle(mark: number): void {
    for (const change of this.#changes.splice(0, Math.max(0, mark - this.#synced))) {
      apply(change, this.#durable);
      this.#synced += 1;
    }
  }

  get unsynced(): number {
    return this.#changes.length;
  }

  /** Keeps the first so many changes since the last sync. */
  crash(keeps: number): void {
    this.settle(this.#synced + keeps);
    this.#changes.length = 0;
    this.#names.clear();
    for (const [name, node] of this.#durable) this.#names.set(name, node);
  }
}

function apply(change: NameChange, names: Map<string, DiskNode>): void {
  for (const [name, node] of change) {
    if (node === undefined) names.delete(name);
    else names.set(name, node);
  }
}
