import { afterEach, describe, expect, it, vi } from 'vitest';
import { SteadyClock } from '../../src/node/steadyClock.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('the steady clock', () => {
  it('goes on when the wall clock is set back', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 1_000_000 });
    const clock = new SteadyClock();
    const before = clock.now();
    vi.setSystemTime(400_000);
    vi.advanceTimersByTime(50);
    expect(clock.now()).toBe(before + 50);
  });

  it('follows the wall clock forward', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 1_000_000 });
    const clock = new SteadyClock();
    clock.now();
    vi.setSystemTime(5_000_000);
    expect(clock.now()).toBe(5_000_000);
  });
});
