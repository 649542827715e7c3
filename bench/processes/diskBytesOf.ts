import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** POSIX counts blocks in these, whatever those of the file system are. */
const bytesPerBlock = 512;

/** What all files of a directory and those below it take on the disk: holes do not count, preallocated room does. */
export function diskBytesOf(dir: string): number {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((file) => statSync(join(dir, file)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.blocks * bytesPerBlock : 0), 0);
}
