import type { Tree } from './metaPage.js';
import { FileDamage, headBytes, wrong, type PageFile } from './pageFile.js';

/** Layout of nodes (LMDB's mdb.c, `MDB_node` and `MDB_ovpage`, 64-bit, little-endian). */
const lowerOffset = 20;
const upperOffset = 22;
const nodeHeadBytes = 8;
const overflowNodeFlag = 1;
const overflowRefBytes = 24;
const overflowPagesOffset = 16;

const noRoot = 2 ** 64;

const counts = ['branchPages', 'leafPages', 'overflowPages', 'entries'] as const;

/** Trees with several values a key, which a key store has none of. */
const duplicateFlags = 0x74;

/**
 * Gets what a leaf holds under a key: from `start` to `end` the key's bytes and, behind them, the data. It lasts until the next
 * one. A view of each would take longer than all that is done with most.
 * @param flags - see LMDB's `mn_flags`
 */
export type Visit = (bytes: Buffer, start: number, end: number, keyBytes: number, flags: number) => void;

/**
 * Goes through all pages of a tree and checks whatever lmdb would follow or believe: that every page is where and what it
 * must be, the bounds of what is in it, the order of keys, and that there are as many pages and entries as the tree says.
 */
export class TreeWalk {
  readonly #file: PageFile;
  readonly #tree: Tree;
  readonly #isOrdered: boolean;
  readonly #visit: Visit;
  readonly #found = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
  /** The greatest key before the page that is looked at. A branch's key may be repeated by the leaf that it leads to. */
  #lastKey: Buffer = Buffer.alloc(0);
  #mayRepeat = false;

  /** @param isOrdered - whether keys are in the order of their bytes */
  constructor(file: PageFile, tree: Tree, isOrdered: boolean, visit: Visit) {
    this.#file = file;
    this.#tree = tree;
    this.#isOrdered = isOrdered;
    this.#visit = visit;
  }

  /** Checks a page at each step. */
  *run(): Generator<undefined, void> {
    const { flags, depth, root } = this.#tree;
    if ((flags & duplicateFlags) !== 0) throw new FileDamage('a tree is of another kind');
    if (depth > 0 !== root < noRoot) throw new FileDamage('a tree has no root');
    if (depth > 0) yield* this.#walk(root, 1);
    for (const count of counts) {
      const [found, claimed] = [this.#found[count], this.#tree[count]];
      if (found !== claimed) throw new FileDamage(`a tree has ${found} ${count} instead of ${claimed}`);
    }
  }

  *#walk(number: number, level: number): Generator<undefined, void> {
    const isLeaf = level === this.#tree.depth;
    const page = this.#file.page(number, isLeaf ? 'leaf' : 'branch', level);
    this.#found[isLeaf ? 'leafPages' : 'branchPages'] += 1;
    yield;
    const nodes = nodesOf(page, number);
    if (isLeaf) this.#leaf(number, page, nodes);
    else yield* this.#branch(number, page, nodes, level);
  }

  *#branch(
    number: number,
    page: Buffer,
    nodes: readonly number[],
    level: number,
  ): Generator<undefined, void> {
    for (const [index, node] of nodes.entries()) {
      // The first key of a branch stands for all that come before the second.
      if (index > 0) this.#follow(number, keyOf(page, node), true);
      yield* this.#walk(childOf(page, node), level + 1);
    }
  }

  #leaf(number: number, page: Buffer, nodes: readonly number[]): void {
    let previous: number | undefined;
    for (const node of nodes) {
      if (previous !== undefined && this.#isOrdered && compareKeys(page, previous, node) >= 0) {
        throw wrong(number, unordered);
      }
      if (previous === undefined) this.#follow(number, keyOf(page, node), false);
      this.#entry(number, page, node);
      previous = node;
    }
    if (previous !== undefined) this.#lastKey = Buffer.from(keyOf(page, previous));
  }

  #entry(number: number, page: Buffer, node: number): void {
    const flags = page.readUInt16LE(node + 4);
    const bytes = page.readUInt16LE(node) + page.readUInt16LE(node + 2) * 0x10000;
    const isElsewhere = (flags & overflowNodeFlag) !== 0;
    const dataStart = keyEnd(page, node);
    const end = dataStart + (isElsewhere ? overflowRefBytes : bytes);
    if (end > page.length) throw wrong(number, 'has a record beyond its end');
    this.#found.entries += 1;
    const keyBytes = dataStart - node - nodeHeadBytes;
    if (!isElsewhere) return this.#visit(page, node + nodeHeadBytes, end, keyBytes, flags);
    const entry = Buffer.concat([keyOf(page, node), this.#overflow(page.subarray(dataStart, end), bytes)]);
    this.#visit(entry, 0, entry.length, keyBytes, flags);
  }

  #overflow(reference: Buffer, bytes: number): Buffer {
    const pages = Number(reference.readBigUInt64LE(overflowPagesOffset));
    this.#found.overflowPages += pages;
    return this.#file.overflow(Number(reference.readBigUInt64LE()), pages, bytes);
  }

  /** A key in a branch, or the first one of a leaf: it must be behind all before it. */
  #follow(number: number, key: Buffer, isBranch: boolean): void {
    const order = Buffer.compare(this.#lastKey, key);
    if (this.#isOrdered && (order > 0 || (order === 0 && !this.#mayRepeat))) throw wrong(number, unordered);
    this.#mayRepeat = isBranch;
    this.#lastKey = Buffer.from(key);
  }
}

const unordered = 'has keys out of order';

function keyEnd(page: Buffer, node: number): number {
  return node + nodeHeadBytes + page.readUInt16LE(node + 6);
}

function keyOf(page: Buffer, node: number): Buffer {
  return page.subarray(node + nodeHeadBytes, keyEnd(page, node));
}

/** Byte by byte, as most differ soon: a call out of JavaScript for each takes several times as long. */
function compareKeys(page: Buffer, left: number, right: number): number {
  const leftBytes = keyEnd(page, left) - left - nodeHeadBytes;
  const rightBytes = keyEnd(page, right) - right - nodeHeadBytes;
  const bytes = Math.min(leftBytes, rightBytes);
  for (let at = nodeHeadBytes; at < nodeHeadBytes + bytes; at += 1) {
    const difference = (page[left + at] ?? 0) - (page[right + at] ?? 0);
    if (difference !== 0) return difference;
  }
  return leftBytes - rightBytes;
}

/** Where the nodes of a page begin, in the order of their keys. */
function nodesOf(page: Buffer, number: number): number[] {
  const lower = page.readUInt16LE(lowerOffset);
  const upper = page.readUInt16LE(upperOffset);
  if (lower === 0 || lower % 2 !== 0 || lower > upper || headBytes + upper > page.length) {
    throw wrong(number, 'has no bounds');
  }
  const nodes: number[] = [];
  for (let index = 0; index < lower / 2; index += 1) {
    const node = headBytes + page.readUInt16LE(headBytes + index * 2);
    const isWithin = node >= headBytes + upper && node + nodeHeadBytes <= page.length;
    if (!isWithin || keyEnd(page, node) > page.length) throw wrong(number, 'has a node beyond its bounds');
    nodes.push(node);
  }
  return nodes;
}

/** A branch's node has the number of the page below it instead of the size of a record and flags. */
function childOf(page: Buffer, node: number): number {
  const low = page.readUInt16LE(node) + page.readUInt16LE(node + 2) * 0x10000;
  return low + page.readUInt16LE(node + 4) * 2 ** 32;
}
