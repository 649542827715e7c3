import { describe, expect, it } from 'vitest';
import { mergeLimits, parseLimit } from '../../src/cli/parseLimit.js';
import { nodeLimitKinds } from '../../src/protocol/nodeLimits.js';

const gib = 2 ** 30;

describe('parseLimit', () => {
  it.each([
    ['logBytesMax=64mib', 64 * 2 ** 20],
    ['logBytesMax=1GiB', gib],
    ['logBytesMax=1tib', 1024 * gib],
    ['writeBytesMax=1000000', 1_000_000],
    ['pendingBytesMax=1kib', 1024],
    ['requestIdsMs=5s', 5000],
    ['loopLagMsMax=200ms', 200],
    ['requestIdsMs=1h30m', 5_400_000],
    ['pendingUpdatesMax=1', 1],
    ['batchUpdatesMax=1024', 1024],
  ])('%s', (text, value) => {
    expect(parseLimit(text)).toEqual({ name: text.split('=')[0], value });
  });

  it.each([
    [
      'logBytesMax=64mb',
      /^logBytesMax must be bytes, as in 64mib, 1gib or 1000, 1mib to 1tib, received "64mb"$/,
    ],
    ['logBytesMax=1023kib', /1mib to 1tib/],
    ['logBytesMax=1025gib', /1mib to 1tib/],
    ['logBytesMax=1.5gib', /received "1.5gib"/],
    ['logBytesMax=-1', /received "-1"/],
    ['logBytesMax=', /received ""/],
    ['logBytesMax', /received nothing/],
    ['requestIdsMs=5', /must be a duration, as in 5s or 200ms, 1s to 24h, received "5"/],
    ['requestIdsMs=25h', /1s to 24h/],
    ['loopLagMsMax=49ms', /50ms to 10m/],
    ['pendingUpdatesMax=0', /must be a whole number, 1 to 10000000, received "0"/],
    ['pendingUpdatesMax=1e3', /received "1e3"/],
    ['pendingUpdatesMax=7kib', /received "7kib"/],
    ['batchUpdatesMax=1025', /1 to 1024/],
  ])('refuses %s', (text, message) => {
    expect(() => parseLimit(text)).toThrow(
      expect.objectContaining({
        code: 'KVC_E_USAGE',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  it.each(['patience=1', '', '=', 'constructor=1', 'LogBytesMax=64mib'])(
    'lists all limits for %j',
    (text) => {
      let message = '';
      try {
        parseLimit(text);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toContain(`no limit ${JSON.stringify(text.split('=')[0])}`);
      for (const [name, { unit }] of Object.entries(nodeLimitKinds)) {
        expect(message).toMatch(new RegExp(`\\n  ${name} +${unit} +\\S+ to \\S+ +default \\S+ `));
      }
      expect(message).toMatch(/logBytesMax +bytes +1mib to 1tib +default 256mib +the update log/);
    },
  );

  it('takes what it says itself', () => {
    for (const [name, { unit, min }] of Object.entries(nodeLimitKinds)) {
      const text = unit === 'ms' ? `${min}ms` : String(min);
      expect(parseLimit(`${name}=${text}`)).toEqual({ name, value: min });
    }
  });
});

describe('mergeLimits', () => {
  it('makes one of several, and refuses one that is given twice', () => {
    const changes = [parseLimit('pendingUpdatesMax=7'), parseLimit('requestIdsMs=5s')];
    expect(mergeLimits(changes)).toEqual({ pendingUpdatesMax: 7, requestIdsMs: 5000 });
    expect(() => mergeLimits([...changes, parseLimit('requestIdsMs=6s')])).toThrow(
      expect.objectContaining({
        code: 'KVC_E_USAGE',
        message: '--limit requestIdsMs is given twice',
      }) as Error,
    );
  });
});
