import { describe, expect, it } from 'vitest';
import { Reachability, silentAfterMs, unreachedAfterMs } from '../../src/core/reachability.js';
import { nodeName } from '../support/builders.js';

describe('a peer', () => {
  it('counts as silent when nothing was heard of it for long, from the beginning on', () => {
    const reach = new Reachability(1000);
    expect(reach.isSilent(1000 + silentAfterMs - 1)).toBe(false);
    expect(reach.isSilent(1000 + silentAfterMs)).toBe(true);
    reach.heard([], 9000);
    expect(reach.isSilent(9000)).toBe(false);
  });

  it('counts as unreached when messages to it have failed for a while without an answer between', () => {
    const reach = new Reachability(0);
    reach.failed(100);
    reach.failed(500);
    expect(reach.isUnreached(100 + unreachedAfterMs - 1)).toBe(false);
    expect(reach.isUnreached(100 + unreachedAfterMs)).toBe(true);
  });

  it('is reached again with the first answer, not with a message of its own', () => {
    const reach = new Reachability(0);
    reach.failed(0);
    reach.heard([], 400);
    expect(reach.isUnreached(unreachedAfterMs)).toBe(true);
    reach.answered();
    expect(reach.isUnreached(unreachedAfterMs)).toBe(false);
  });

  it('counts as unreached when it is silent, although no message to it has failed', () => {
    expect(new Reachability(0).isUnreached(silentAfterMs)).toBe(true);
  });

  it('is remembered to reach or not to reach what it said last', () => {
    const reach = new Reachability(0);
    reach.heard([nodeName('c')], 1);
    reach.heard([nodeName('d')], 2);
    expect([reach.unreached, reach.heardAtMs]).toEqual([['d'], 2]);
  });

  it('tells when one of these judgements changes without anything being heard', () => {
    const reach = new Reachability(0);
    expect(reach.nextChangeMs(0)).toBe(silentAfterMs);
    reach.failed(200);
    expect(reach.nextChangeMs(200)).toBe(200 + unreachedAfterMs);
    expect(reach.nextChangeMs(200 + unreachedAfterMs)).toBe(silentAfterMs);
    expect(reach.nextChangeMs(silentAfterMs)).toBe(Infinity);
  });
});
