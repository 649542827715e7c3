import { describe, expect, it } from 'vitest';
import type { HistoryLine } from '../../src/check/historyLine.js';
import { nameWrites } from '../../src/torture/nameWrites.js';

const ok = { session: 's', status: 'ok' } as const;

function named(...lines: HistoryLine[]): HistoryLine[] {
  return nameWrites(lines).lines;
}

describe('the names of writes', () => {
  it('are those under which they were acknowledged, by whichever of their dots they are read', () => {
    const lines: HistoryLine[] = [
      { ...ok, type: 'write', key: 'a', value: 'x', wid: 'node1:1' },
      { ...ok, type: 'read', key: 'a', value: 'x', wid: 'node2:5' },
    ];
    const { lines: renamed, otherNames } = nameWrites(lines);
    expect(renamed.map(({ wid }) => wid)).toEqual(['node1:1', 'node1:1']);
    expect(otherNames).toBe(1);
  });

  it('are learned from reads where a write got no answer, and are then one for all reads', () => {
    const [write, ...reads] = named(
      { ...ok, status: 'info', type: 'write', key: 'a', value: 'x' },
      { ...ok, type: 'read', key: 'a', value: 'x', wid: 'node1:3' },
      { ...ok, type: 'read', key: 'a', value: 'x', wid: 'node2:9' },
    );
    expect(write?.wid).toBe('node1:3');
    expect(reads.map(({ wid }) => wid)).toEqual(['node1:3', 'node1:3']);
  });

  it('are left as they were read where they are those of other writes, for that must not be', () => {
    const lines: HistoryLine[] = [
      { ...ok, type: 'write', key: 'a', value: 'x', wid: 'node1:1' },
      { ...ok, type: 'write', key: 'a', value: 'y', wid: 'node1:2' },
      { ...ok, type: 'read', key: 'a', value: 'x', wid: 'node1:2' },
    ];
    expect(nameWrites(lines)).toEqual({ lines, otherNames: 0 });
  });

  it('stay unknown where nobody read the write', () => {
    expect(named({ ...ok, status: 'info', type: 'write', key: 'a', value: 'x' })[0]?.wid).toBeUndefined();
  });

  it('of a batch are one, learned from any of its values', () => {
    const [batch, read] = named(
      {
        ...ok,
        status: 'info',
        type: 'txn',
        ops: [
          { type: 'write', key: 'a', value: 'x' },
          { type: 'write', key: 'b', value: 'y' },
        ],
      },
      { ...ok, type: 'txn', ops: [{ type: 'read', key: 'b', value: 'y', wid: 'node2:4' }] },
    );
    expect(batch?.wid).toBe('node2:4');
    expect(read?.ops?.[0]?.wid).toBe('node2:4');
  });

  it('of siblings are each their own, and a tombstone keeps the name that it was read by', () => {
    const [, read] = named(
      { ...ok, type: 'write', key: 'a', value: 'x', wid: 'node1:1' },
      {
        ...ok,
        type: 'read',
        key: 'a',
        value: 'x',
        values: ['x', null],
        wid: 'node2:5',
        wids: ['node2:5', 'node3:2'],
      },
    );
    expect(read).toMatchObject({ wid: 'node1:1', wids: ['node1:1', 'node3:2'] });
  });
});
