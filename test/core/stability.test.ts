import { describe, expect, it } from 'vitest';
import { commonPart, Stability } from '../../src/core/stability.js';
import { vector } from '../support/builders.js';

type Counters = Readonly<Record<string, number>>;

/** A replica's view of the cluster, and what it has delivered itself: unless said otherwise, the first vector. */
class Survey {
  readonly stability = new Stability();

  take(
    vectors: readonly Counters[],
    { delivered = vectors[0] ?? {}, membershipVersion = 1, isSettled = true } = {},
  ) {
    const survey = { vectors: vectors.map((each) => vector(each)), membershipVersion, isSettled };
    this.stability.update(survey, vector(delivered));
    return this.stability.collectable;
  }
}

describe('what is stable', () => {
  it('is what every member has', () => {
    const vectors = [vector({ a: 3, b: 2 }), vector({ a: 1, b: 5, c: 1 }), vector({ a: 2, b: 2 })];
    expect(commonPart(vectors)).toEqual(vector({ a: 1, b: 2 }));
    expect(commonPart([])).toEqual(vector());
  });
});

describe('what can be collected', () => {
  it('is what was stable at some moment, when all that any member had then is delivered here', () => {
    const survey = new Survey();
    expect(
      survey.take([
        { a: 1, b: 1 },
        { a: 1, b: 2 },
      ]),
    ).toEqual(vector());
    expect(
      survey.take([
        { a: 1, b: 2 },
        { a: 1, b: 3 },
      ]),
    ).toEqual(vector({ a: 1, b: 1 }));
  });

  it('is not what is stable now: a member may have written a value that has not arrived, before the delete reached it', () => {
    const survey = new Survey();
    // a:2 deletes. b had written b:1 before it got that; here, at c, only the delete has arrived.
    expect(survey.take([{ a: 2 }, { a: 2 }, { a: 2, b: 1 }])).toEqual(vector());
    expect(survey.stability.stable).toEqual(vector({ a: 2 }));
    // Now b:1 is here, and nothing older than the delete is under way any more.
    expect(survey.take([{ a: 2, b: 1 }, { a: 2 }, { a: 2, b: 1 }])).toEqual(vector({ a: 2 }));
  });

  it('grows in steps: while one moment is waited for, no later one is looked at', () => {
    const survey = new Survey();
    survey.take([{ a: 1 }, { a: 1, b: 1 }]);
    survey.take([{ a: 2 }, { a: 2, b: 9 }]);
    expect(
      survey.take([
        { a: 2, b: 1 },
        { a: 2, b: 9 },
      ]),
    ).toEqual(vector({ a: 1 }));
  });

  it('is not judged by a moment before a change of the membership: who joins in between has to be asked as well', () => {
    const survey = new Survey();
    survey.take([{ a: 2 }, { a: 2, b: 1 }], { membershipVersion: 1 });
    const joined = [{ a: 2, b: 1 }, { a: 2, b: 1 }, {}];
    expect(survey.take(joined, { membershipVersion: 2 })).toEqual(vector());
    expect(survey.take([{ a: 2, b: 1 }, { a: 2, b: 1 }, { a: 2 }], { membershipVersion: 2 })).toEqual(
      vector({ a: 2 }),
    );
  });

  it('is not judged while a replica that left may have updates under way', () => {
    const survey = new Survey();
    expect(survey.take([{ a: 2 }, { a: 2 }], { isSettled: false })).toEqual(vector());
    expect(survey.stability.stable).toEqual(vector({ a: 2 }));
    expect(survey.take([{ a: 2 }, { a: 2 }])).toEqual(vector({ a: 2 }));
  });

  it('stays collectable although a new member may have less', () => {
    const survey = new Survey();
    survey.take([{ a: 2 }, { a: 2 }]);
    expect(survey.take([{ a: 2 }, { a: 2 }, {}], { membershipVersion: 2 })).toEqual(vector({ a: 2 }));
  });
});
