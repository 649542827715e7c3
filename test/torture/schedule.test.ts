import { describe, expect, it } from 'vitest';
import type { TimedAction } from '../../src/torture/actions.js';
import { faultNames, type FaultName } from '../../src/torture/faultNames.js';
import { planSchedule, type ScheduleOptions } from '../../src/torture/schedule.js';

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

function plan(options: Partial<ScheduleOptions> = {}) {
  const nodes = ['node1', 'node2', 'node3'];
  return planSchedule({ seed: 1, forMs: 30_000, nodes, faults: faultNames, ...options });
}

/** Of which fault an action is a part; undefined of those that every phase has. */
function faultOf({ kind }: TimedAction): FaultName | undefined {
  if (kind === 'ring' || kind === 'mute') return 'partition';
  if (kind === 'add' || kind === 'remove') return 'membership';
  return kind === 'slow' || kind === 'heal' ? undefined : kind;
}

function faultsIn(actions: readonly TimedAction[]): Set<FaultName> {
  return new Set(actions.map(faultOf).filter((fault) => fault !== undefined));
}

describe('a schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(plan({ seed: 7 })).toEqual(plan({ seed: 7 }));
    expect(plan({ seed: 7 })).not.toEqual(plan({ seed: 8 }));
  });

  it.each([10_000, 30_000, 60_000])(
    'of %i ms has every fault that was asked for, whatever the seed',
    (forMs) => {
      for (const seed of seeds) {
        expect(faultsIn(plan({ seed, forMs }).actions)).toEqual(new Set(faultNames));
      }
    },
  );

  it('has no fault that was not asked for', () => {
    const { actions, skews } = plan({ faults: ['kill'] });
    expect(faultsIn(actions)).toEqual(new Set(['kill']));
    expect(skews).toEqual({});
    expect(faultsIn(plan({ faults: [] }).actions)).toEqual(new Set());
  });

  it('begins each phase with a slow link, ends it healed, and stands in the order of time', () => {
    for (const seed of seeds) {
      const { actions } = plan({ seed });
      expect(actions[0]).toMatchObject({ atMs: 0, kind: 'slow' });
      expect(actions.at(-1)).toMatchObject({ kind: 'heal' });
      expect(actions.filter(({ kind }) => kind === 'heal')).toHaveLength(5);
      expect(actions.map(({ atMs }) => atMs)).toEqual(
        actions.map(({ atMs }) => atMs).sort((left, right) => left - right),
      );
    }
  });

  it('ends whatever lasts before its phase ends', () => {
    for (const seed of seeds) {
      for (const action of plan({ seed }).actions) {
        if (!('forMs' in action)) continue;
        expect(action.forMs).toBeGreaterThan(0);
        expect((action.atMs % 6000) + action.forMs).toBeLessThanOrEqual(6000);
      }
    }
  });

  it('never asks for fewer nodes than there were at the start, nor to remove one that it does not have', () => {
    for (const seed of seeds) {
      let members = ['node1', 'node2', 'node3'];
      for (const action of plan({ seed, forMs: 300_000 }).actions) {
        if (action.kind === 'add') {
          expect(members).not.toContain(action.node);
          members = [...members, action.node];
        }
        if (action.kind === 'remove') {
          expect(members).toContain(action.node);
          members = members.filter((node) => node !== action.node);
        }
        expect(members.length).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it('sets one clock behind and one ahead by half an hour to an hour', () => {
    for (const seed of seeds) {
      const skews = Object.values(plan({ seed }).skews).sort((left, right) => left - right);
      expect(skews[0]).toBeLessThanOrEqual(-1_800_000);
      expect(skews.at(-1)).toBeGreaterThanOrEqual(1_800_000);
      for (const skew of skews) expect(Math.abs(skew)).toBeLessThanOrEqual(3_600_000);
    }
  });
});
