/** What the log needs of a file that it writes: part of a FileHandle. */
export interface LogFile {
  write(
    bytes: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  truncate(bytes: number): Promise<void>;
  sync(): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file to write it, as `open` of node:fs/promises does. */
export type OpenFile = (path: string, flags: string, mode?: number) => Promise<LogFile>;

/** Where the files of a log are, whose they are, and how they are opened to be written. */
export interface LogPlace {
  readonly dir: string;
  readonly clusterId: string;
  readonly openFile: OpenFile;
}
