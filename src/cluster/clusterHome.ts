import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isName } from '../protocol/names.js';
import { clusterFileName } from './clusterFile.js';

/** Where all clusters of this user live: KVC_HOME, or ~/.kvc. */
export function kvcHome(): string {
  const home = process.env.KVC_HOME;
  return home === undefined || home === '' ? join(homedir(), '.kvc') : resolve(home);
}

export function clusterDir(name: string): string {
  return join(kvcHome(), name);
}

/** Names of the clusters that exist, running or not, in order. */
export function listClusters(): string[] {
  const home = kvcHome();
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .filter((name) => isName(name) && existsSync(join(home, name, clusterFileName)))
    .sort();
}
