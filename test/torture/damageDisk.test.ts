import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Chance } from '../../src/torture/chance.js';
import { damageDisk } from '../../src/torture/damageDisk.js';

const records = Buffer.from('records of a log');
/** Segments are made in full size. */
const segment = Buffer.concat([records, Buffer.alloc(1000)]);

let dir: string;
let log: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kvc-damage-'));
  log = join(dir, 'node1.b', 'log');
  mkdirSync(log, { recursive: true });
  writeFileSync(join(dir, 'identity.json'), JSON.stringify({ replica: 'node1.b' }));
  for (const name of ['001.log', '002.log', 'snapshot']) writeFileSync(join(log, name), segment);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function lastSegment(): Buffer {
  return readFileSync(join(log, '002.log'));
}

const chances = Array.from({ length: 30 }, (_, seed) => new Chance(seed, 'test'));

describe('damage to a disk', () => {
  it('by a wipe takes the whole directory', () => {
    expect(damageDisk(dir, 'wipe', new Chance(1, 'test'))).toBe('its directory was deleted');
    expect(existsSync(dir)).toBe(false);
  });

  it('by a torn write puts bytes behind the last record, and changes none', () => {
    for (const chance of chances) {
      writeFileSync(join(log, '002.log'), segment);
      expect(damageDisk(dir, 'torn', chance)).toMatch(/^\d+ bytes were written behind its log$/);
      const after = lastSegment();
      expect(after.subarray(0, records.length)).toEqual(records);
      expect(after.equals(segment)).toBe(false);
      expect(after).toHaveLength(segment.length);
    }
  });

  it('by a flip changes one byte of the second half of the records, and tells which', () => {
    for (const chance of chances) {
      writeFileSync(join(log, '002.log'), segment);
      const done = damageDisk(dir, 'flip', chance);
      const changed = [...lastSegment().entries()].filter(([place, byte]) => byte !== segment[place]);
      expect(changed).toHaveLength(1);
      const [place = -1] = changed[0] ?? [];
      expect(place).toBeGreaterThanOrEqual(records.length / 2);
      expect(place).toBeLessThan(records.length);
      expect(done).toBe(`byte ${place} of its log was changed`);
    }
  });

  it('leaves all but the last segment as it is', () => {
    damageDisk(dir, 'torn', new Chance(1, 'test'));
    damageDisk(dir, 'flip', new Chance(1, 'test'));
    for (const name of ['001.log', 'snapshot']) expect(readFileSync(join(log, name))).toEqual(segment);
  });

  it('is none where there is no segment yet', () => {
    rmSync(log, { recursive: true });
    mkdirSync(log);
    expect(damageDisk(dir, 'torn', new Chance(1, 'test'))).toBeUndefined();
  });
});
