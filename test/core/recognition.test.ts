import { describe, expect, it } from 'vitest';
import { Recognition } from '../../src/core/recognition.js';

describe('a peer that refuses what this replica wrote', () => {
  it('is offered it again after a pause that doubles up to a second', () => {
    const recognition = new Recognition();
    expect(recognition.isOffered(0)).toBe(true);
    const pauses: number[] = [];
    for (let nowMs = 0; pauses.length < 7; nowMs += pauses.at(-1) ?? 0) {
      recognition.refused(0, nowMs);
      const retryAtMs = recognition.nextChangeMs(nowMs);
      expect(recognition.isOffered(retryAtMs - 1)).toBe(false);
      expect(recognition.isOffered(retryAtMs)).toBe(true);
      pauses.push(retryAtMs - nowMs);
    }
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1000, 1000]);
  });

  it('has refused once where it refused several messages that were under way together', () => {
    const recognition = new Recognition();
    recognition.refused(0, 0);
    recognition.refused(0, 10);
    expect(recognition.nextChangeMs(10)).toBe(50);
  });

  it('knows this replica when it has more of what that wrote, and not before', () => {
    const recognition = new Recognition();
    recognition.refused(3, 0);
    recognition.heard(3);
    expect(recognition.isUnknown).toBe(true);
    recognition.heard(4);
    expect(recognition.isUnknown).toBe(false);
    expect(recognition.isOffered(0)).toBe(true);
    expect(recognition.nextChangeMs(0)).toBe(Infinity);
  });
});
