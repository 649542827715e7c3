import { describe, expect, it } from 'vitest';
import { renderFault } from '../../src/cli/renderFault.js';
import type { FaultJson } from '../../src/cluster/controlApi.js';

const terms = { id: 'f1', expires_at_ms: null, seed: 7 };
const there = { source: 'node1', target: 'node3' };
const back = { source: 'node3', target: 'node1' };

function undoOf(fault: FaultJson, cluster = 'default'): string | undefined {
  return renderFault(fault, 0, cluster).split('; undo: ')[1];
}

describe('the way to undo a fault', () => {
  const delayed = { ...terms, kind: 'delay' as const, delay_ms: 5000, jitter_ms: 0 };

  it('is the same command with off', () => {
    expect(undoOf({ ...delayed, target: 'node1:node3', links: [there] })).toBe('kvc delay node1:node3 off');
    const dropped = { ...terms, kind: 'drop' as const, percent: 20 };
    expect(undoOf({ ...dropped, target: 'node3', links: [there] })).toBe('kvc drop node3 off');
    const duplicated = { ...dropped, kind: 'duplicate' as const };
    expect(undoOf({ ...duplicated, target: 'node3', links: [there] })).toBe('kvc duplicate node3 off');
    const reordered = { ...dropped, kind: 'reorder' as const };
    expect(undoOf({ ...reordered, target: 'all', links: [there, back] })).toBe('kvc reorder all off');
    const divided = { ...terms, kind: 'partition' as const, target: 'node1 | node3', links: [there, back] };
    expect(undoOf(divided)).toBe('kvc partition off');
  });

  it('is a release for a hold', () => {
    const held = { ...terms, kind: 'hold' as const, links: [there] };
    expect(undoOf({ ...held, target: 'node3' })).toBe('kvc release node3');
    expect(undoOf({ ...held, target: 'all', links: [there, back] })).toBe('kvc release all');
  });

  it('is for both directions where the fault is', () => {
    expect(undoOf({ ...delayed, target: 'node1:node3', links: [there, back] })).toBe(
      'kvc delay node1:node3 off --both',
    );
  });

  it('names the cluster unless it is the default one', () => {
    expect(undoOf({ ...delayed, target: 'node3', links: [there] }, 'test')).toBe(
      'kvc delay --cluster test node3 off',
    );
  });
});
