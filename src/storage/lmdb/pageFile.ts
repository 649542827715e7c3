import { readSync } from 'node:fs';
import type { Meta } from './metaPage.js';

/** Layout of a page's head (LMDB's mdb.c, `MDB_page_header`, 64-bit). */
export const headBytes = 24;
const transactionOffset = 8;
const flagsOffset = 18;
const overflowPagesOffset = 20;

/** What is wrong with an lmdb file. */
export class FileDamage extends Error {}

/** A file may be shorter than it claims: pages at its end that are free need never have been written. */
const unwrittenBytesMax = 64 * 1024 * 1024;

/** What a page is: a branch or a leaf of a tree, or the first of those that hold one large record. */
export type PageKind = 'branch' | 'leaf' | 'overflow';

const flagsOfKind: Readonly<Record<PageKind, number>> = { branch: 1, leaf: 2, overflow: 4 };

/** An lmdb file that is read page by page. Each of its pages has one use, or none. */
export class PageFile {
  readonly #file: number;
  readonly #meta: Meta;
  readonly #isTaken: Uint8Array;
  /** One for each level of a tree: a page stays as it is while those below it are read. */
  readonly #buffers: Buffer[] = [];
  /** The two meta pages, and those of trees. */
  #used = 2;

  /** @param fileBytes - how long the file is */
  constructor(file: number, meta: Meta, fileBytes: number) {
    const claimedBytes = (meta.lastPage + 1) * meta.pageBytes;
    if (!(claimedBytes <= fileBytes * 2 + unwrittenBytesMax)) {
      throw new FileDamage(`it claims to have ${meta.lastPage + 1} pages`);
    }
    this.#file = file;
    this.#meta = meta;
    this.#isTaken = new Uint8Array(meta.lastPage + 1);
    this.#isTaken.fill(1, 0, 2);
  }

  get pageBytes(): number {
    return this.#meta.pageBytes;
  }

  get lastPage(): number {
    return this.#meta.lastPage;
  }

  get usedPages(): number {
    return this.#used;
  }

  /** A page of a tree. It is overwritten when another one of the same level is read. */
  page(number: number, kind: PageKind, level: number): Buffer {
    this.#use(number);
    const buffer = (this.#buffers[level] ??= Buffer.alloc(this.pageBytes));
    this.#read(number, buffer);
    this.#checkHead(number, buffer, kind);
    return buffer;
  }

  /** The content of pages that follow each other and hold one large record. */
  overflow(first: number, pages: number, contentBytes: number): Buffer {
    if (pages !== Math.ceil((headBytes + contentBytes) / this.pageBytes))
      throw wrong(first, 'has another size');
    for (let number = first; number < first + pages; number += 1) this.#use(number);
    const bytes = Buffer.allocUnsafe(headBytes + contentBytes);
    this.#read(first, bytes);
    this.#checkHead(first, bytes, 'overflow');
    if (bytes.readUInt32LE(overflowPagesOffset) !== pages) throw wrong(first, 'has another size');
    return bytes.subarray(headBytes);
  }

  /** Notes that a page is said to be free. */
  free(number: number): void {
    this.#take(number);
  }

  #use(number: number): void {
    this.#take(number);
    this.#used += 1;
  }

  #take(number: number): void {
    if (this.#isTaken[number] !== 0) throw wrong(number, 'is used twice or does not exist');
    this.#isTaken[number] = 1;
  }

  #read(number: number, target: Buffer): void {
    const bytes = readSync(this.#file, target, 0, target.length, number * this.pageBytes);
    if (bytes < target.length) throw wrong(number, 'is cut short');
  }

  #checkHead(number: number, page: Buffer, kind: PageKind): void {
    const isInPlace = page.readBigUInt64LE() === BigInt(number);
    if (!isInPlace || page.readUInt16LE(flagsOffset) !== flagsOfKind[kind]) {
      throw wrong(number, `is no ${kind} page`);
    }
    if (page.readBigUInt64LE(transactionOffset) > this.#meta.transaction) {
      throw wrong(number, 'is newer than the file');
    }
  }
}

export function wrong(number: number, why: string): FileDamage {
  return new FileDamage(`page ${number} ${why}`);
}
