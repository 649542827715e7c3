import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyOperations } from '../../src/core/applyOperations.js';
import { contentsOf, isLive, outlineOf } from '../../src/core/contents.js';
import type { Operation } from '../../src/core/update.js';
import type { Versions } from '../../src/core/versions.js';
import { dot, update } from '../support/builders.js';

const key = 'k';

const operation = fc.oneof(
  fc.nat(9).map((value): Operation => ({ kind: 'put', key, value: Uint8Array.of(value) })),
  fc.constant<Operation>({ kind: 'delete', key }),
  fc.constant<Operation>({ kind: 'increment', key, amount: 1 }),
  fc
    .tuple(fc.constantFrom('add' as const, 'remove' as const), fc.nat(2))
    .map(([kind, member]): Operation => ({
      kind,
      key,
      member: Uint8Array.of(member),
    })),
  fc
    .integer({ min: 1, max: 3 })
    .map((counter): Operation => ({ kind: 'expire', key, dot: dot(`a:${counter}`) })),
);

/** Updates of three replicas, each of which has seen nothing or all that came before it. */
const manyVersions = fc
  .array(fc.record({ operation, replica: fc.constantFrom('a', 'b', 'c'), hasSeenAll: fc.boolean() }), {
    maxLength: 8,
  })
  .map((steps): Versions => {
    const counters: Record<string, number> = {};
    let versions: Versions = [];
    for (const [index, step] of steps.entries()) {
      const others = Object.entries(counters).filter(([replica]) => replica !== step.replica);
      const after = step.hasSeenAll ? Object.fromEntries(others) : {};
      const counter = (counters[step.replica] = (counters[step.replica] ?? 0) + 1);
      const each = update(`${step.replica}:${counter}`, { after, at: index + 1, do: [step.operation] });
      versions = applyOperations(versions, each, each.operations);
    }
    return versions;
  });

describe('the outline of contents', () => {
  it('says of any versions what the winner is, and whether there are several', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(manyVersions, (versions) => {
        const contents = contentsOf(versions);
        const [winner] = contents;
        const type = winner !== undefined && isLive(winner) ? (winner.type ?? 'value') : undefined;
        const outline = outlineOf(versions);
        seen.add(`${type} ${Math.min(2, contents.length)}`);
        expect([outline.type, outline.count > 1]).toEqual([type, contents.length > 1]);
      }),
      { numRuns: 2000 },
    );
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'value 1',
        'value 2',
        'undefined 0',
        'undefined 1',
        'undefined 2',
        'set 1',
        'set 2',
        'counter 1',
        'counter 2',
      ]),
    );
  });
});
