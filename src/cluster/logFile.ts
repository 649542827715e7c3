import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

const rotatedFromBytes = 5 * 1024 * 1024;

export function logPath(dir: string, node: string): string {
  return join(dir, 'logs', `${node}.log`);
}

/** Of whom there are logs: nodes of the cluster, nodes that left it, and its supervisor. */
export function loggedNames(dir: string): string[] {
  const files = entriesOf(dirname(logPath(dir, ''))).filter((file) => file.endsWith('.log'));
  return files.map((file) => basename(file, '.log')).sort();
}

/** Of a cluster that is deleted meanwhile there are none. */
function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Opens a log for appending. One that has grown long becomes NAME.log.1, in place of the one before. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path) && statSync(path).size > rotatedFromBytes) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** The end of a text file, from the start of a line, at most `bytesMax`; empty when there is none. */
export function readEnd(path: string, bytesMax: number): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Math.max(0, size - bytesMax);
    const buffer = Buffer.alloc(size - start);
    const length = readSync(file, buffer, 0, buffer.byteLength, start);
    const text = buffer.toString('utf8', 0, length);
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    closeSync(file);
  }
}
