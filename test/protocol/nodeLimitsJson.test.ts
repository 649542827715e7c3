import { describe, expect, it } from 'vitest';
import { nodeLimitKinds, nodeLimitsOf } from '../../src/protocol/nodeLimits.js';
import { changedLimits, nodeLimitNames, parseNodeLimits } from '../../src/protocol/nodeLimitsJson.js';

describe('limits as JSON', () => {
  it('may be all or none of them, at their bounds', () => {
    expect(parseNodeLimits({}, 'limits')).toEqual({});
    for (const bound of ['min', 'max', 'default'] as const) {
      const all = Object.fromEntries(nodeLimitNames.map((name) => [name, nodeLimitKinds[name][bound]]));
      expect(parseNodeLimits(all, 'limits')).toEqual(all);
    }
  });

  it.each([
    ['an unknown name', { patience: 1 }, 'patience'],
    ['a name of every object', JSON.parse('{"__proto__": 1}') as object, '__proto__'],
    ['a text', { logBytesMax: '64mib' }, 'limits.logBytesMax'],
    ['a fraction', { pendingUpdatesMax: 1.5 }, 'limits.pendingUpdatesMax'],
    ['too little', { loopLagMsMax: 49 }, 'limits.loopLagMsMax must be an integer from 50 to 600000'],
    ['too much', { batchUpdatesMax: 1025 }, 'limits.batchUpdatesMax'],
    ['null', { logBytesMax: null }, 'limits.logBytesMax'],
    ['no object', [], 'limits must be an object'],
  ])('are refused by name: %s', (_what, input, named) => {
    expect(() => parseNodeLimits(input, 'limits')).toThrow(
      expect.objectContaining({
        code: 'KVC_E_BAD_REQUEST',
        message: expect.stringContaining(named) as string,
      }) as Error,
    );
  });

  it('need not be kept where they are the default', () => {
    const limits = { ...nodeLimitsOf({}), pendingUpdatesMax: 7 };
    expect(changedLimits(limits)).toEqual({ pendingUpdatesMax: 7 });
    expect(nodeLimitsOf(changedLimits(limits))).toEqual(limits);
  });
});
