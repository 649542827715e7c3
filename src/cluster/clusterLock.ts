import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KvcError } from '../errors.js';
import { isProcessOf } from '../protocol/processIdentity.js';

/** A process that proves itself by an id on its command line. */
export interface LockHolder {
  readonly pid: number;
  readonly instance: string;
}

const lockFile = /^LOCK\.(\d+)$/;

/**
 * Makes this process the one supervisor of the cluster directory, for as long as it lives; there is nothing to release.
 *
 * Each holder writes LOCK.n, n one above the greatest there is, complete at once (by link) and only if there is none.
 * The greatest is never removed but with the directory, and whoever finds after writing that it is not the greatest
 * has lost. So a dead holder is succeeded by exactly one, which a single file, removed and written anew, cannot ensure:
 * two that both found it stale would each remove what the other had written.
 * @throws KvcError KVC_E_CLUSTER_RUNNING while another holder lives
 */
export function lockCluster(dir: string, name: string, self: LockHolder): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const generation = greatest(dir);
    const holder = readHolder(dir, generation);
    if (holder !== undefined && isProcessOf(holder.pid, holder.instance)) throw running(name);
    if (!claim(dir, generation + 1, self)) continue;
    if (greatest(dir) > generation + 1) throw running(name);
    for (const older of generations(dir))
      if (older <= generation) rmSync(pathOf(dir, older), { force: true });
    return;
  }
  throw new KvcError(
    'KVC_E_STATE_CONFLICT',
    `cluster "${name}" is being started and stopped by others; try again`,
  );
}

function claim(dir: string, generation: number, self: LockHolder): boolean {
  const draft = join(dir, `lock.${self.instance}.tmp`);
  try {
    writeFileSync(draft, JSON.stringify({ pid: self.pid, instance: self.instance }), { mode: 0o600 });
    linkSync(draft, pathOf(dir, generation));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') mkdirSync(dir, { recursive: true, mode: 0o700 });
    else if (code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(dir: string, generation: number): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(dir, generation), 'utf8')) as LockHolder;
  } catch {
    // There is none yet, or a power failure emptied it; then its holder is gone too.
    return undefined;
  }
}

function greatest(dir: string): number {
  return Math.max(0, ...generations(dir));
}

function generations(dir: string): number[] {
  try {
    return readdirSync(dir).flatMap((name) => lockFile.exec(name)?.slice(1).map(Number) ?? []);
  } catch {
    return [];
  }
}

function pathOf(dir: string, generation: number): string {
  return join(dir, `LOCK.${generation}`);
}

function running(name: string): KvcError {
  return new KvcError('KVC_E_CLUSTER_RUNNING', `cluster "${name}" is already running`, {
    try: ['kvc status', 'kvc down'],
  });
}
