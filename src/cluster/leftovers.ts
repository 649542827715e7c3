import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KvcError } from '../errors.js';
import { dataLockFile, isProcessOf, readDataLock, type DataLock } from '../protocol/processIdentity.js';

const goneMsMax = 5000;

/** Records which process a node is, so that a later supervisor can end it if this one dies while the node is paused. */
export function recordProcess(dir: string, node: string, process: DataLock): void {
  const runDir = runDirOf(dir, node);
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  // Not flushed to the disk: a power failure ends the process as well.
  writeFileSync(join(runDir, dataLockFile), JSON.stringify(process), { mode: 0o600 });
}

/** The node's process is gone, and there will be no other. */
export function forgetProcess(dir: string, node: string): void {
  rmSync(runDirOf(dir, node), { recursive: true, force: true });
}

function runDirOf(dir: string, node: string): string {
  return join(dir, 'run', node);
}

/**
 * Ends node processes that a supervisor left behind: a paused one cannot notice that its supervisor died. Only a
 * process whose command line bears the recorded instance is ended. The caller holds the cluster's lock.
 * @returns the names of the nodes that had one
 */
export async function endLeftovers(dir: string): Promise<string[]> {
  const ended = new Set<string>();
  for (const room of ['run', 'data']) {
    for (const node of entriesOf(join(dir, room))) {
      const left = readDataLock(join(dir, room, node));
      if (left !== undefined && isProcessOf(left.pid, left.instance)) {
        await end(node, left);
        ended.add(node);
      }
    }
  }
  rmSync(join(dir, 'run'), { recursive: true, force: true });
  return [...ended].sort();
}

async function end(node: string, { pid, instance }: DataLock): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  const deadlineMs = performance.now() + goneMsMax;
  while (isProcessOf(pid, instance)) {
    if (performance.now() > deadlineMs) {
      throw new KvcError('KVC_E_STATE_CONFLICT', `a process of ${node} is left over and does not end`, {
        node,
      });
    }
    await sleep(5);
  }
}

function entriesOf(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
