/**
 * When what a write took is durable: buffered, after the next `sync` or `datasync` of the file; through, when the write resolves.
 */
export type Writing = 'buffered' | 'through';

/**
 * The seam to the file system, for the log and what stands beside it: `node:fs` in a node, a disk that forgets in the
 * simulator. Contract: what was written is durable as `Writing` has it, and a name that was created,
 * replaced or removed only after `syncDir` of its directory; until then a crash may leave either state, and of what was
 * written to a file any beginning. Failures are those of the system, with its `code`.
 */
export interface Files {
  /**
   * @param flags - `wx`: it must not exist yet; it is created readable for its owner alone. `r+`: it must exist.
   * @param writing - default: buffered
   */
  open(path: string, flags: 'r' | 'r+' | 'w' | 'wx', writing?: Writing): Promise<OpenedFile>;
  readFile(path: string): Promise<Buffer>;
  readFileSync(path: string): Buffer;
  /** The names in a directory, in no order. */
  list(dir: string): Promise<string[]>;
  /** Creates a directory for its owner alone, and those above it; nothing where it exists. */
  mkdir(dir: string): Promise<void>;
  /** What was at `to` is gone. */
  rename(from: string, to: string): Promise<void>;
  /** A file, or a directory with all that is in it; nothing where it does not exist. */
  remove(path: string): Promise<void>;
  syncDir(dir: string): Promise<void>;
  /** When the thing at `path` was last changed, in ms since 1970. */
  changedMs(path: string): Promise<number>;
}

export interface OpenedFile {
  /** May take fewer bytes than it was given. */
  write(
    bytes: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  /** Reads into all of `target` from `position`, or up to the end of the file. */
  read(target: Buffer, position: number): Promise<{ readonly bytesRead: number }>;
  size(): Promise<number>;
  truncate(bytes: number): Promise<void>;
  sync(): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}
