import type { Database, RootDatabase } from 'lmdb';
import { join } from 'node:path';

export type LmdbDatabase = Database<Buffer, Buffer>;

/** The lmdb environment of a key store. Every record in it is sealed (sealedRecord.ts). */
export interface LmdbFiles {
  readonly dir: string;
  /** The file that holds all of it. */
  readonly path: string;
  readonly root: RootDatabase<Buffer, Buffer>;
  /** By the UTF-8 bytes of their key. */
  readonly versions: LmdbDatabase;
  /** Dots by request id. */
  readonly requests: LmdbDatabase;
  /** A snapshot of another node, on its way into the two above. */
  readonly stagedVersions: LmdbDatabase;
  readonly stagedRequests: LmdbDatabase;
  /** What the keys reflect (`checkpoint`), and how far the staged snapshot has come (`staging`). */
  readonly facts: LmdbDatabase;
}

/** A key, and its record or null where it is removed. */
export interface Change {
  readonly database: LmdbDatabase;
  readonly key: Buffer;
  readonly record: Buffer | null;
}

/** The keys of `facts`. */
export const checkpointKey = Buffer.from('checkpoint');
export const stagingKey = Buffer.from('staging');

/** The name of the file within its directory is lmdb's choice. */
export function dataFile(dir: string): string {
  return join(dir, 'data.mdb');
}

/** Address space, not memory; lmdb maps more when it needs more. */
const mapBytes = 256 * 1024 * 1024;

const encodings = { keyEncoding: 'binary', encoding: 'binary' } as const;

/** Opens the environment, or creates it. Its file must have been checked: lmdb believes what it maps into memory. */
export async function openEnvironment(dir: string): Promise<LmdbFiles> {
  const root = await openRoot(dir);
  const database = (name: string): LmdbDatabase => root.openDB<Buffer, Buffer>({ name, ...encodings });
  return {
    dir,
    path: dataFile(dir),
    root,
    versions: database('versions'),
    requests: database('requests'),
    stagedVersions: database('stagedVersions'),
    stagedRequests: database('stagedRequests'),
    facts: database('facts'),
  };
}

/** The environment without its databases, and without writing to it. */
export async function openRoot(dir: string): Promise<RootDatabase<Buffer, Buffer>> {
  // Loaded here, as nodes without durable state should not pay for it.
  const lmdb = await import('lmdb');
  return lmdb.open<Buffer, Buffer>({
    path: dir,
    // Left to itself, lmdb takes a directory with a dot in its name for a file.
    noSubdir: false,
    mapSize: mapBytes,
    // A write's promise resolves when it is durable, not when it is visible.
    overlappingSync: false,
    // Else lmdb-js makes a promise of its own for each turn, which nobody can await and which fails when the disk is full.
    eventTurnBatching: false,
    ...encodings,
  });
}

interface PageCounts {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

/** Bytes of the file in use: the two meta pages and those of all databases, the list of free pages among them. */
export function usedBytes({
  root,
  versions,
  requests,
  stagedVersions,
  stagedRequests,
  facts,
}: LmdbFiles): number {
  const shared = root.getStats() as { pageSize: number; root: PageCounts; free: PageCounts };
  const own = [versions, requests, stagedVersions, stagedRequests, facts].map(
    (database) => database.getStats() as PageCounts,
  );
  const pages = [shared.root, shared.free, ...own].map(
    (counts) => counts.treeBranchPageCount + counts.treeLeafPageCount + counts.overflowPages,
  );
  return pages.reduce((sum, count) => sum + count, metaPages) * shared.pageSize;
}

const metaPages = 2;
