import { homedir } from 'node:os';
import { sep } from 'node:path';

/** A path as people write it, with ~ for the home directory. */
export function tildePath(path: string): string {
  const home = homedir();
  return path === home || path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}
