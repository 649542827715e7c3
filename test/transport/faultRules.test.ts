import { describe, expect, it } from 'vitest';
import type { NodeName } from '../../src/core/ids.js';
import type { FaultInputJson } from '../../src/protocol/faultsApi.js';
import { limits } from '../../src/protocol/limits.js';
import { FaultRules } from '../../src/transport/faultRules.js';

const node1 = 'node1' as NodeName;
const node2 = 'node2' as NodeName;
const drawSeed = () => 7;

function delay(
  target: string,
  delayMs: number,
  more: Pick<FaultInputJson, 'id' | 'expires_at_ms'> = {},
): FaultInputJson {
  return { target, kind: 'delay', delay_ms: delayMs, jitter_ms: 0, ...more };
}

describe('FaultRules', () => {
  it('completes a rule with an id of its own making, its source, no end, and a seed that it draws', () => {
    const rules = new FaultRules(node1, drawSeed);
    rules.add([delay('node2', 5), { target: 'node3', kind: 'hold' }]);
    expect(rules.list()).toEqual([
      { id: 'node1-f1', source: 'node1', expires_at_ms: null, seed: 7, ...delay('node2', 5) },
      { id: 'node1-f2', source: 'node1', expires_at_ms: null, seed: 7, target: 'node3', kind: 'hold' },
    ]);
  });

  it('keeps the seed that a rule comes with', () => {
    const rules = new FaultRules(node1, drawSeed);
    rules.add([{ target: 'node2', kind: 'drop', percent: 20, seed: 0 }]);
    expect(rules.list()).toMatchObject([{ percent: 20, seed: 0 }]);
  });

  it('makes up no id that a rule given on the start already has', () => {
    const before = new FaultRules(node1, drawSeed);
    before.add([delay('node2', 5)]);
    const after = new FaultRules(node1, drawSeed, before.list());
    after.add([delay('node3', 5)]);
    expect(after.list().map(({ id }) => id)).toEqual(['node1-f1', 'node1-f2']);
  });

  it('replaces a rule of the same kind on the same link, and no other', () => {
    const rules = new FaultRules(node1, drawSeed);
    rules.add([delay('node2', 5, { id: 'f1' }), delay('node3', 6, { id: 'f1' })]);
    rules.add([{ target: 'node2', kind: 'hold', id: 'f2' }, delay('node2', 7, { id: 'f3' })]);
    expect(rules.list().map(({ id, target }) => `${id} ${target}`)).toEqual([
      'f1 node3',
      'f2 node2',
      'f3 node2',
    ]);
    expect(rules.rulesFor(node2)).toMatchObject({ delay: { delay_ms: 7 }, hold: { id: 'f2' } });
  });

  it.each([
    [{}, []],
    [{ id: 'f1' }, ['f2 node2 hold']],
    [{ target: node2 }, ['f1 node3 delay']],
    [{ kind: 'delay' as const }, ['f2 node2 hold']],
    [{ kind: 'delay' as const, target: node2 }, ['f1 node3 delay', 'f2 node2 hold']],
    [{ id: 'f9' }, ['f1 node2 delay', 'f1 node3 delay', 'f2 node2 hold']],
  ])('removes the rules that match %j', (filter, left) => {
    const rules = new FaultRules(node1, drawSeed);
    rules.add([
      delay('node2', 5, { id: 'f1' }),
      delay('node3', 5, { id: 'f1' }),
      { target: 'node2', kind: 'hold', id: 'f2' },
    ]);
    expect(rules.remove(filter)).toBe(left.length < 3);
    expect(rules.list().map(({ id, target, kind }) => `${id} ${target} ${kind}`)).toEqual(left);
  });

  it('ends a rule at its time and not before', () => {
    const rules = new FaultRules(node1, drawSeed);
    rules.add([delay('node2', 5, { expires_at_ms: 1000 }), delay('node3', 5)]);
    expect(rules.nextExpiryMs).toBe(1000);
    expect(rules.expire(999)).toBe(false);
    expect(rules.expire(1000)).toBe(true);
    expect(rules.list().map(({ target }) => target)).toEqual(['node3']);
    expect(rules.nextExpiryMs).toBe(Infinity);
  });

  it('takes as many rules as the limit says; beyond, all or none of an addition', () => {
    const rules = new FaultRules(node1, drawSeed);
    const full = Array.from({ length: limits.faultRulesMax }, (_, index) => delay(`node${index}`, 5));
    rules.add(full);
    rules.add([delay('node2', 9)]);
    expect(() => rules.add([delay('node3', 9), delay('another', 9)])).toThrow(
      expect.objectContaining({ code: 'KVC_E_STATE_CONFLICT' }),
    );
    expect(rules.rulesFor('node3' as NodeName)).toMatchObject({ delay: { delay_ms: 5 } });
  });
});
