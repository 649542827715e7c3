import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentsOf } from '../../src/core/contents.js';
import type { Update } from '../../src/core/update.js';
import { inOtherOrder, order, someUpdates, type State } from '../support/causalHistory.js';
import { joinedAt } from '../support/joinedState.js';
import { deliveredInOrder, mergingHistory, mergingKeys, pastOfChosen } from '../support/mergingHistory.js';
import { specifiedAt } from '../support/mergingSpecification.js';

const numRuns = 1000;

const joined = (left: State, right: State): State => joinedAt(mergingKeys, left, right);

function expectSpecified({ keys }: Pick<State, 'keys'>, updates: readonly Update[]): void {
  for (const key of mergingKeys) expect(keys.get(key) ?? []).toEqual(specifiedAt(updates, key));
}

/** What is to be seen of a key, whatever was forgotten: all but what is gone and decides nothing. */
function seenAt({ keys }: Pick<State, 'keys'>, key: string): unknown {
  const contents = contentsOf(keys.get(key) ?? []);
  const end = contents.findLastIndex((content) => content.type !== undefined || content.value !== null);
  return contents.slice(0, end + 1);
}

function specified(updates: readonly Update[]): Pick<State, 'keys'> {
  return { keys: new Map(mergingKeys.map((key) => [key, specifiedAt(updates, key)])) };
}

describe('what keys hold where values, counters and sets are written, expire and are sent again', () => {
  it('is as specified, in whatever order updates are delivered', () => {
    const seen = { counter: 0, member: 0, trace: 0, expired: 0, alias: 0 };
    fc.assert(
      fc.property(mergingHistory, someUpdates, order, ({ updates }, chosen, first) => {
        const part = pastOfChosen(updates, chosen);
        const state = deliveredInOrder(inOtherOrder(part, first));
        expectSpecified(state, part);
        for (const version of [...state.keys.values()].flat()) {
          if (version.kind !== undefined) seen[version.kind] += 1;
          else if (version.expiredBy !== undefined) seen.expired += 1;
          if (version.aliases !== undefined) seen.alias += 1;
        }
      }),
      { numRuns, endOnFailure: true },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(20);
  });

  it('is the same at replicas that have forgotten what they could', () => {
    let forgotten = 0;
    fc.assert(
      fc.property(mergingHistory, ({ replicas }) => {
        for (const { delivered, state } of replicas) {
          const whole = specified(delivered);
          for (const key of mergingKeys) {
            expect(seenAt(state, key)).toEqual(seenAt(whole, key));
            if ((state.keys.get(key)?.length ?? 0) < (whole.keys.get(key)?.length ?? 0)) forgotten += 1;
          }
        }
      }),
      { numRuns, endOnFailure: true },
    );
    expect(forgotten).toBeGreaterThan(20);
  });

  it('is what delivering the updates of both sides gives, where two states are joined', () => {
    fc.assert(
      fc.property(
        mergingHistory,
        someUpdates,
        someUpdates,
        order,
        order,
        ({ updates }, left, right, first, second) => {
          const sides = [pastOfChosen(updates, left), pastOfChosen(updates, right)] as const;
          const both = updates.filter((update) => sides.some((side) => side.includes(update)));
          const result = joined(
            deliveredInOrder(inOtherOrder(sides[0], first)),
            deliveredInOrder(inOtherOrder(sides[1], second)),
          );
          expectSpecified(result, both);
        },
      ),
      { numRuns, endOnFailure: true },
    );
  });

  it('is the same where two states are joined that have forgotten what they could', () => {
    fc.assert(
      fc.property(mergingHistory, ({ updates, replicas }) => {
        for (const left of replicas) {
          for (const right of replicas) {
            const both = updates.filter(
              (each) => left.delivered.includes(each) || right.delivered.includes(each),
            );
            const whole = specified(both);
            const result = joined(left.state, right.state);
            for (const key of mergingKeys) expect(seenAt(result, key)).toEqual(seenAt(whole, key));
          }
        }
      }),
      { numRuns: Math.floor(numRuns / 3), endOnFailure: true },
    );
  });

  it('is joined in any order, and once is enough', () => {
    fc.assert(
      fc.property(mergingHistory, someUpdates, someUpdates, someUpdates, ({ updates }, ...chosen) => {
        const [one, two, three] = chosen.map((each) => deliveredInOrder(pastOfChosen(updates, each))) as [
          State,
          State,
          State,
        ];
        expect(joined(one, two).keys).toEqual(joined(two, one).keys);
        expect(joined(joined(one, two), three).keys).toEqual(joined(one, joined(two, three)).keys);
        expect(joined(joined(one, two), two).keys).toEqual(joined(one, two).keys);
        expect(joined(one, one).keys).toEqual(one.keys);
        // A crash came between the keys and the vector.
        const interrupted = { ...joined(one, two), clock: one.clock };
        expect(joined(interrupted, two).keys).toEqual(joined(one, two).keys);
      }),
      { numRuns: Math.floor(numRuns / 3), endOnFailure: true },
    );
  });
});
