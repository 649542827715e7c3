import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dot } from '../../src/core/clock/dot.js';
import { operationsByKey, type RequestId, type Update } from '../../src/core/update.js';
import { applyOperations } from '../../src/core/applyOperations.js';
import type { Versions } from '../../src/core/versions.js';
import {
  allKeys,
  byDot,
  clockOf,
  closureOf,
  history,
  historyOf,
  inOtherOrder,
  order,
  parts,
  someUpdates,
  specified,
  type State,
} from '../support/causalHistory.js';
import { joinedAt } from '../support/joinedState.js';

/** As `Delivery` does it. */
function delivered(updates: readonly Update[]): State {
  const keys = new Map<string, Versions>();
  const requests = new Map<RequestId, Dot[]>();
  for (const update of updates) {
    const twins = requests.get(update.request ?? '');
    for (const [key, operations] of operationsByKey(update.operations)) {
      const after = applyOperations(keys.get(key), update, operations, twins);
      if (after.length > 0) keys.set(key, after);
      else keys.delete(key);
    }
    if (update.request !== undefined) {
      requests.set(update.request, [...(twins ?? []), update.dot].sort(byDot));
    }
  }
  return { clock: clockOf(updates), keys, requests };
}

const merged = (left: State, right: State): State => joinedAt(allKeys, left, right);

describe('mergeVersions', () => {
  it('gives what delivering the updates of both sides gives, in whatever order each was delivered', () => {
    let joins = 0;
    const several = fc.tuple(history, someUpdates, someUpdates, order, order, fc.boolean());
    fc.assert(
      fc.property(several, ([steps, left, right, first, second, withRequests]) => {
        const updates = historyOf(steps, withRequests);
        const sides = [closureOf(updates, left), closureOf(updates, right)] as const;
        const both = updates.filter((update) => sides.some((side) => side.includes(update)));
        const result = merged(
          delivered(inOtherOrder(sides[0], first)),
          delivered(inOtherOrder(sides[1], second)),
        );
        expect(result).toEqual(delivered(inOtherOrder(both, second)));
        if (both.length > Math.max(sides[0].length, sides[1].length)) joins += 1;
      }),
      { numRuns: 1000 },
    );
    expect(joins).toBeGreaterThan(100);
  });

  it('takes all updates with one request id for one write, as the words of that say', () => {
    let retries = 0;
    fc.assert(
      fc.property(parts(2), ([left = [], right = []]) => {
        const both = [...new Set([...left, ...right])];
        const union = specified(both);
        expect(merged(specified(left), specified(right))).toEqual(union);
        if ([...union.requests.values()].some((dots) => dots.length > 1)) retries += 1;
      }),
      { numRuns: 1000 },
    );
    expect(retries).toBeGreaterThan(50);
  });

  it('is commutative, associative and idempotent, with request ids', () => {
    fc.assert(
      fc.property(parts(3), (sides) => {
        const [one, two, three] = sides.map(specified) as [State, State, State];
        expect(merged(one, two)).toEqual(merged(two, one));
        expect(merged(merged(one, two), three)).toEqual(merged(one, merged(two, three)));
        const joined = merged(one, two);
        expect(merged(joined, two)).toEqual(joined);
        expect(merged(one, one)).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });
});
