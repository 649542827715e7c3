import { describe, expect, it } from 'vitest';
import {
  HybridClock,
  msOfTimestamp,
  timestampAt,
  timestampMax,
} from '../../../src/core/clock/hybridClock.js';

const nowMs = Date.UTC(2026, 0, 1);

describe('hybrid clock', () => {
  it('stays with the wall clock while that moves', () => {
    const clock = new HybridClock();
    expect(msOfTimestamp(clock.next(nowMs))).toBe(nowMs);
    expect(msOfTimestamp(clock.next(nowMs + 5))).toBe(nowMs + 5);
  });

  it('rises with every timestamp, also when the wall clock stands still or goes back', () => {
    const clock = new HybridClock();
    const issued = [nowMs, nowMs, nowMs - 10_000, nowMs - 10_000].map((ms) => clock.next(ms));
    expect(issued).toEqual([...issued].sort((left, right) => left - right));
    expect(new Set(issued).size).toBe(4);
  });

  it('exceeds what it observed, however far ahead that was', () => {
    const clock = new HybridClock();
    const remote = timestampAt(nowMs + 3_600_000) + 7;
    clock.observe(remote);
    expect(clock.next(nowMs)).toBe(remote + 1);
  });

  it('does not go back by observing something old', () => {
    const clock = new HybridClock();
    const issued = clock.next(nowMs);
    clock.observe(timestampAt(nowMs - 1000));
    expect(clock.latest).toBe(issued);
  });

  it('goes on above the timestamp it recovered with', () => {
    const recovered = timestampAt(nowMs + 1000);
    expect(new HybridClock(recovered).next(nowMs)).toBe(recovered + 1);
  });

  it('borrows from the next millisecond when one is used up', () => {
    const clock = new HybridClock();
    const first = clock.next(nowMs);
    let last = first;
    for (let count = 1; count <= 2048; count += 1) last = clock.next(nowMs);
    expect(last - first).toBe(2048);
    expect(msOfTimestamp(last)).toBe(nowMs + 1);
  });

  it('can count on beyond the greatest timestamp that is let in', () => {
    const clock = new HybridClock(timestampMax);
    expect(clock.next(nowMs)).toBe(timestampMax + 1);
    expect(Number.isSafeInteger(timestampMax + 1_000_000_000)).toBe(true);
  });
});
