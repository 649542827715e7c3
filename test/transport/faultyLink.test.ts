import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NodeName } from '../../src/core/ids.js';
import { closedError } from '../../src/transport/closedError.js';
import type { LinkRules } from '../../src/transport/faultRules.js';
import { FaultyLink, lossNoticedAfterMs } from '../../src/transport/faultyLink.js';
import { answerWith } from './messages.js';

const node1 = 'node1' as NodeName;
const node2 = 'node2' as NodeName;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a request that is no message', () => {
  let link: FaultyLink;
  let forwarded: number;
  const forward = () => Promise.resolve((forwarded += 1));
  const rule = { id: 'f1', source: node1, target: node2, expires_at_ms: null, seed: 7 } as const;
  const apply = (rules: LinkRules) => link.apply(rules);

  beforeEach(() => {
    forwarded = 0;
    link = new FaultyLink({ source: node1, target: node2 }, () => Promise.resolve(answerWith(0)), Date.now);
  });

  it('is lost like a message', async () => {
    for (const rules of [
      { partition: { ...rule, kind: 'partition' } },
      { drop: { ...rule, kind: 'drop', percent: 100 } },
    ] as const) {
      apply(rules);
      const outcome = expect(link.pass(forward)).rejects.toMatchObject({ facts: { fault: 'f1' } });
      await vi.advanceTimersByTimeAsync(lossNoticedAfterMs);
      await outcome;
    }
    expect(forwarded).toBe(0);
    expect(link.describe()).toMatchObject({ messages: 2, dropped: 2 });
  });

  it('is reordered and delayed like a message, and its own answer comes back', async () => {
    apply({
      reorder: { ...rule, kind: 'reorder', percent: 100 },
      delay: { ...rule, kind: 'delay', delay_ms: 1000, jitter_ms: 0 },
    });
    const answer = link.pass(forward);
    expect(link.describe()).toMatchObject({ delayed: 1, reordered: 1, updates: [] });
    await vi.advanceTimersByTimeAsync(1000);
    expect(forwarded).toBe(0);
    await vi.advanceTimersByTimeAsync(50);
    expect(await answer).toBe(1);
  });

  it('is neither held nor sent twice', async () => {
    apply({
      hold: { ...rule, kind: 'hold' },
      duplicate: { ...rule, kind: 'duplicate', percent: 100 },
    });
    expect(await link.pass(forward)).toBe(1);
    expect(link.describe()).toMatchObject({ messages: 1, held_total: 0, duplicated: 0 });
  });

  it('is rejected while it waits when the link closes', async () => {
    apply({ delay: { ...rule, kind: 'delay', delay_ms: 1000, jitter_ms: 0 } });
    const outcome = expect(link.pass(forward)).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    link.reject(closedError());
    await outcome;
    await vi.advanceTimersByTimeAsync(1000);
    expect(forwarded).toBe(0);
  });
});
