import { DirNode, type DiskNode } from './dirNode.js';
import { FileNode } from './fileNode.js';
import type { MachineCounts } from './machineCounts.js';
import type { SeededRandom } from './seededRandom.js';
import { StoreNode } from './storeNode.js';
import { systemError } from './systemError.js';

/** How much a crash takes: all that is not durable, some of it by chance, or nothing. */
const mercies = ['none', 'some', 'some', 'all'] as const;
type Mercy = (typeof mercies)[number];

/** The slowest sync of a disk, in ms: machines differ. */
const slowestSyncs = [1, 5, 20];

/** The disk of a machine. It survives crashes, but for what is not durable. */
export class VirtualDisk {
  /** What can still be written to files. Removing and cutting files gives their bytes back. Key stores take none. */
  roomBytes = Infinity;
  readonly #random: SeededRandom;
  readonly #counts: MachineCounts;
  readonly #syncMsMax: number;
  #root = new DirNode(0);

  constructor(random: SeededRandom, counts: MachineCounts) {
    this.#random = random;
    this.#counts = counts;
    this.#syncMsMax = random.pick(slowestSyncs);
  }

  /** How long a sync takes, or a transaction of a key store, in ms. */
  syncMs(): number {
    return this.#random.between(0, this.#syncMsMax);
  }

  /** How long anything else takes, which mostly the system does in memory. */
  accessMs(): number {
    return this.#random.chance(0.1) ? this.#random.between(1, 2) : 0;
  }

  /** How many entries of a key store one of several transactions takes. */
  batch(): number {
    return this.#random.between(1, 16);
  }

  shuffled(names: Iterable<string>): string[] {
    return this.#random.shuffled([...names]);
  }

  find(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.#root;
    for (const name of partsOf(path)) node = node instanceof DirNode ? node.names.get(name) : undefined;
    return node;
  }

  /** The directory in which `path` is, or would be, and its name there. */
  placeOf(path: string, syscall: string): { readonly dir: DirNode; readonly name: string } {
    const parts = partsOf(path);
    const name = parts.pop();
    const dir = this.find(parts.join('/'));
    if (name === undefined || dir === undefined) throw systemError('ENOENT', syscall, path);
    if (!(dir instanceof DirNode)) throw systemError('ENOTDIR', syscall, path);
    return { dir, name };
  }

  makeDir(path: string, nowMs: number): void {
    let dir = this.#root;
    for (const name of partsOf(path)) {
      const next: DiskNode = dir.names.get(name) ?? new DirNode(nowMs);
      if (!(next instanceof DirNode)) throw systemError('EEXIST', 'mkdir', path);
      if (dir.names.get(name) !== next) dir.change([[name, next]], nowMs);
      dir = next;
    }
  }

  /** How many of `bytes` a write may take; the system writes what fits, and fails where nothing does. */
  takeRoom(bytes: number, path: string): number {
    const taken = Math.min(bytes, this.roomBytes);
    if (taken < bytes) this.#counts.fullWrites += 1;
    if (taken === 0 && bytes > 0) throw systemError('ENOSPC', 'write', path);
    this.roomBytes -= taken;
    return taken;
  }

  /** What stood under a name is gone. */
  giveRoom(node: DiskNode | undefined): void {
    this.roomBytes += bytesOf(node);
  }

  /** The power goes: of what is not durable a beginning stays, of each file and of the names in each directory. */
  crash(): void {
    const before = bytesOf(this.#root);
    this.#crashDir(this.#root, this.#random.pick(mercies));
    this.roomBytes += before - bytesOf(this.#root);
  }

  wipe(): void {
    this.giveRoom(this.#root);
    this.#root = new DirNode(0);
  }

  /** The paths of all files, and of all key stores, in order. */
  get files(): string[] {
    return [...filesBelow(this.#root, '')].sort();
  }

  /**
   * Changes a byte of a file where it lies. A key store cannot be opened any more then.
   * @returns false where there is nothing to change
   */
  flipByte(path: string): boolean {
    return this.#damage(path, (file) => {
      const position = this.#random.between(0, file.size - 1);
      const byte = Buffer.alloc(1);
      file.read(byte, position);
      byte[0] = (byte[0] ?? 0) ^ (1 << this.#random.between(0, 7));
      file.write(byte, position);
    });
  }

  /** Cuts off the end of a file: one byte, or any number. */
  cutTail(path: string): boolean {
    return this.#damage(path, (file) => {
      const cut = this.#random.chance(0.3) ? 1 : this.#random.between(1, file.size);
      file.truncate(file.size - cut);
      this.roomBytes += cut;
    });
  }

  #damage(path: string, damage: (file: FileNode) => void): boolean {
    const node = this.find(path);
    if (node instanceof StoreNode) node.isDamaged = true;
    else if (node instanceof FileNode && node.size > 0) {
      damage(node);
      node.settle(node.mark);
    } else return false;
    this.#counts.damagedFiles += 1;
    return true;
  }

  #crashDir(dir: DirNode, mercy: Mercy): void {
    const keeps = this.#keeps(dir.unsynced, mercy);
    if (keeps < dir.unsynced) this.#counts.lostNames += 1;
    dir.crash(keeps);
    for (const node of dir.names.values()) {
      if (node instanceof DirNode) this.#crashDir(node, mercy);
      if (node instanceof FileNode) this.#crashFile(node, mercy);
    }
  }

  #crashFile(file: FileNode, mercy: Mercy): void {
    const loss = file.crash(this.#keeps(file.unsynced, mercy), this.#random);
    if (loss !== 'nothing') this.#counts.lostWrites += 1;
    if (loss === 'part of a write') this.#counts.tornWrites += 1;
  }

  #keeps(unsynced: number, mercy: Mercy): number {
    if (mercy === 'all' || unsynced === 0) return unsynced;
    return mercy === 'none' ? 0 : this.#random.between(0, unsynced);
  }
}

function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

function bytesOf(node: DiskNode | undefined): number {
  if (node instanceof FileNode) return node.size;
  if (!(node instanceof DirNode)) return 0;
  let bytes = 0;
  for (const below of node.names.values()) bytes += bytesOf(below);
  return bytes;
}

function* filesBelow(dir: DirNode, path: string): Generator<string> {
  for (const [name, node] of dir.names) {
    if (node instanceof DirNode) yield* filesBelow(node, `${path}/${name}`);
    else yield `${path}/${name}`;
  }
}
