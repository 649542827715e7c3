import { describe, expect, it } from 'vitest';
import { RestartPolicy } from '../../src/cluster/restartPolicy.js';
import type { ErrorCode } from '../../src/errors.js';

const crash = { reason: 'it ended with status 1', code: undefined };
const failure = (code: ErrorCode, reason = 'it ended') => ({ code, reason });

describe('RestartPolicy', () => {
  it('waits longer after each failure, up to 5 s', () => {
    const policy = new RestartPolicy();
    const pauses = Array.from({ length: 8 }, () => policy.decide(crash));
    expect(pauses).toEqual(
      [100, 200, 400, 800, 1600, 3200, 5000, 5000].map((pauseMs) => ({ kind: 'retry', pauseMs })),
    );
  });

  it.each(['KVC_E_REMOVED', 'KVC_E_DATA_FOREIGN', 'KVC_E_FORMAT_UNKNOWN', 'KVC_E_DOT_REUSED'] as const)(
    'gives up at once after %s',
    (code) => {
      expect(new RestartPolicy().decide(failure(code))).toEqual({ kind: 'give up', reason: 'it ended' });
    },
  );

  it.each([
    ['says the same code, whatever its words', (n: number) => failure('KVC_E_DISK_FULL', `${n} bytes left`)],
    ['ends in the same way without a word', () => crash],
    ['does not start in the same way', () => failure('KVC_E_START_FAILED', 'it ended with status 9')],
  ])('gives up when a node for the 20th time in a row %s', (_what, fail) => {
    const policy = new RestartPolicy();
    for (let count = 1; count < 20; count += 1) expect(policy.decide(fail(count)).kind).toBe('retry');
    expect(policy.decide(fail(20))).toEqual({
      kind: 'give up',
      reason: expect.stringMatching(/; it failed like this 20 times in a row$/) as string,
    });
  });

  it('goes on, at long pauses, while the failures differ', () => {
    const policy = new RestartPolicy();
    const codes = ['KVC_E_LOG_CORRUPT', 'KVC_E_DISK_FULL'] as const;
    const decisions = Array.from({ length: 60 }, (_, index) => policy.decide(failure(codes[index % 2]!)));
    expect(decisions.slice(10)).toEqual(Array(50).fill({ kind: 'retry', pauseMs: 5000 }));
  });

  it('tells other ends of a process that failed to start apart', () => {
    const policy = new RestartPolicy();
    for (let count = 0; count < 40; count += 1) {
      const decision = policy.decide(failure('KVC_E_START_FAILED', `it ended with status ${count % 2}`));
      expect(decision.kind).toBe('retry');
    }
  });

  it('begins anew when it is told to forget', () => {
    const policy = new RestartPolicy();
    for (let count = 1; count < 20; count += 1) policy.decide(crash);
    policy.forget();
    expect(policy.decide(crash)).toEqual({ kind: 'retry', pauseMs: 100 });
  });
});
