import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryTable } from '../../../src/storage/memory/memoryTable.js';

const key = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\uffee', '\u{1f600}'), maxLength: 3 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('from' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy' as const), key }) },
);

function byBytes([left]: readonly [string, number], [right]: readonly [string, number]): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

describe('MemoryTable', () => {
  it('reads like a map that is sorted each time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let table = new MemoryTable<number>();
        const model = new Map<string, number>();
        for (const [index, action] of steps.entries()) {
          if (action.kind === 'set') {
            table.set(action.key, index);
            model.set(action.key, index);
          } else if (action.kind === 'remove') {
            table.remove(action.key);
            model.delete(action.key);
          } else if (action.kind === 'copy') table = table.copy();
          const start = action.kind === 'from' ? action.key : '';
          const expected = [...model].filter((entry) => byBytes(entry, [start, 0]) >= 0).sort(byBytes);
          if (action.kind === 'from') expect([...table.from(start)]).toEqual(expected);
          expect(table.size).toBe(model.size);
          expect(table.get(action.key)).toBe(model.get(action.key));
        }
        expect([...table.from('')]).toEqual([...model].sort(byBytes));
      }),
      { numRuns: 500 },
    );
  });
});
