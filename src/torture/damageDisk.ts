import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Chance } from './chance.js';
import type { DiskDamage } from './actions.js';

const tornBytesMax = 200;

/**
 * Damages the data of a node that is down.
 * @returns what was done, for the trace; undefined if there was nothing to damage
 */
export function damageDisk(dataDir: string, damage: DiskDamage, chance: Chance): string | undefined {
  if (damage === 'wipe') {
    rmSync(dataDir, { recursive: true, force: true });
    return 'its directory was deleted';
  }
  const path = lastSegment(dataDir);
  if (path === undefined) return undefined;
  const bytes = readFileSync(path);
  const end = endOfRecords(bytes);
  if (damage === 'torn') {
    const torn = Buffer.from(
      Array.from({ length: chance.between(1, tornBytesMax) }, () => chance.between(0, 255)),
    );
    writeAt(path, torn, end);
    return `${torn.length} bytes were written behind its log`;
  }
  const place = chance.between(Math.floor(end / 2), end - 1);
  writeAt(path, Buffer.of((bytes[place] ?? 0) ^ 0xff), place);
  return `byte ${place} of its log was changed`;
}

/** Of the replica that the node is now: its earlier ones leave a directory too. */
function lastSegment(dataDir: string): string | undefined {
  const { replica } = JSON.parse(readFileSync(join(dataDir, 'identity.json'), 'utf8')) as { replica: string };
  const log = join(dataDir, replica, 'log');
  const last = readdirSync(log)
    .filter((name) => /^\d+\.log$/.test(name))
    .sort()
    .at(-1);
  return last === undefined ? undefined : join(log, last);
}

/** Segments are made in full size; what is not written yet is zeros. */
function endOfRecords(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 1 && bytes[end - 1] === 0) end -= 1;
  return end;
}

function writeAt(path: string, bytes: Buffer, position: number): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, bytes.length, position);
  } finally {
    closeSync(file);
  }
}
