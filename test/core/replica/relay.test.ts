import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../src/core/step.js';
import { silentAfterMs, unreachedAfterMs } from '../../../src/core/reachability.js';
import { close, id, join, leave, update, vector } from '../../support/builders.js';
import { only, shipment, StepDriver } from '../../support/stepDriver.js';

type Ship = Extract<Effect, { kind: 'ship' }>;

/** A replica that has updates of `b`, durably, and has heard of `b` and `c`, who has nothing. */
function betweenBAndC(self = 'a'): StepDriver {
  const a = new StepDriver({ self, members: [self, 'b', 'c'] });
  a.receive('b', [update('b:1'), update('b:2')], vector({ b: 2 }));
  a.receive('c', []);
  a.persistAll();
  return a;
}

function relayed(effects: ReturnType<StepDriver['tick']>) {
  return only(effects, 'ship').filter(({ origin, first, last }) => origin !== 'a' && last >= first);
}

describe('updates of another replica', () => {
  it('are not shipped on while that reaches everybody', () => {
    const a = betweenBAndC();
    for (let count = 0; count < 20; count += 1) {
      a.nowMs += 100;
      expect(relayed([...a.receive('b', []), ...a.receive('c', [])])).toEqual([]);
    }
    expect(a.replica.counters.relayed).toBe(0);
  });

  it('are shipped on at once when that says it does not reach a peer who lacks them', () => {
    const a = betweenBAndC();
    const effects = a.receive('b', [], vector({ b: 2 }), { unreached: ['c'] });
    expect(only(effects, 'ship')).toEqual([shipment('c', 1, 2, 'b')]);
    expect(a.replica.counters.relayed).toBe(2);
  });

  it('are shipped on when that is silent', () => {
    const a = betweenBAndC();
    a.nowMs += silentAfterMs;
    expect(relayed(a.receive('c', []))).toMatchObject([{ peer: 'c', origin: 'b', first: 1, last: 2 }]);
  });

  it('are shipped on when that has left, as long as it is not settled', () => {
    const a = betweenBAndC();
    const left = a.receive('c', [update('c:1', { after: { b: 2 }, changes: [leave('b')] })]);
    expect(relayed(left)).toMatchObject([{ peer: 'c', origin: 'b' }]);
    const settled = betweenBAndC();
    settled.receive('c', [
      update('c:1', { after: { b: 2 }, changes: [leave('b')] }),
      update('c:2', { changes: [close('b', 2)] }),
    ]);
    settled.nowMs += 10_000;
    expect(relayed(settled.receive('c', []))).toEqual([]);
  });

  it('are not shipped on before they are durable here', () => {
    const a = new StepDriver();
    a.receive('c', []);
    const effects = a.receive('b', [update('b:1')], vector({ b: 1 }), { unreached: ['c'] });
    expect(relayed(effects)).toEqual([]);
    expect(relayed(a.persistAll())).toMatchObject([{ peer: 'c', origin: 'b', first: 1, last: 1 }]);
  });

  it('are shipped on by the next in turn only if the first did not do it', () => {
    const d = new StepDriver({ self: 'd', members: ['a', 'b', 'c', 'd'] });
    d.receive('a', []);
    d.receive('b', [update('b:1')], vector({ b: 1 }));
    d.receive('c', []);
    d.persistAll();
    expect(relayed(d.receive('b', [], vector({ b: 1 }), { unreached: ['c'] }))).toEqual([]);
    d.nowMs += 249;
    expect(relayed(d.receive('c', []))).toEqual([]);
    d.nowMs += 1;
    expect(relayed(d.receive('c', []))).toMatchObject([{ peer: 'c', origin: 'b' }]);
  });

  it.each([
    ['everybody', []],
    ['the peer, although not another one', ['a']],
  ])('are waited for anew when the origin has reached %s meanwhile', (_, unreachedMeanwhile) => {
    const d = new StepDriver({ self: 'd', members: ['a', 'b', 'c', 'd'] });
    const hearB = (unreached: readonly string[]) => d.receive('b', [], vector({ b: 1 }), { unreached });
    d.receive('a', []);
    d.receive('b', [update('b:1')], vector({ b: 1 }));
    d.receive('c', []);
    d.persistAll();
    hearB(['c']);
    hearB(unreachedMeanwhile);
    d.nowMs += 300;
    d.receive('c', []);
    expect(relayed([...hearB(['c']), ...d.receive('c', [])])).toEqual([]);
    d.nowMs += 250;
    expect(relayed(d.receive('c', []))).toMatchObject([{ peer: 'c', origin: 'b' }]);
  });

  it('are not shipped to where they come from', () => {
    const a = betweenBAndC();
    const effects = a.receive('b', [], vector({ b: 1 }), { unreached: ['c'] });
    expect(only(effects, 'ship').filter(({ peer, last }) => peer === 'b' && last > 0)).toEqual([]);
  });
});

describe('a peer that does not know this replica', () => {
  it('is brought what others wrote, by which it gets to know it, and counts as reached', () => {
    const a = new StepDriver();
    const c = new StepDriver({ self: 'c', members: ['b', 'c'] });
    const begun = [
      ...a.receive('b', [update('b:1', { changes: [join('a')] })]),
      ...a.remove('b'),
      ...a.persistAll(),
      ...a.tick(),
    ];
    expect(only(begun, 'ship').filter(({ peer }) => peer === 'c')).toHaveLength(1);
    // It was cut off when all that it had said was what it has.
    const lost = only(a.answered('c', vector()), 'ship').filter(({ peer }) => peer === 'c');
    lost.forEach(() => a.unanswered('c'));
    a.nowMs += silentAfterMs;
    let refused = 0;
    const exchange = ({ origin, first, last }: Ship): Effect[] => {
      const updates = a.history.updates.filter(
        ({ dot }) => dot.replica === origin && dot.counter >= first && dot.counter <= last,
      );
      const effects = c.receive('a', updates, a.replica.shownDurable);
      const [answer] = only([...effects, ...c.persistAll()], 'answer').map((each) => each.answer);
      if (answer !== undefined) return a.answered('c', answer.clock, answer.received, answer);
      expect(only(effects, 'refuse')).toMatchObject([{ error: { code: 'KVC_E_NODE_UNKNOWN' } }]);
      refused += 1;
      return a.unknown('c');
    };
    const endMs = a.nowMs + 5000;
    let ships = only(a.tick(), 'ship');
    while (!c.replica.membership.isMember(id('a'))) {
      expect(a.nowMs).toBeLessThan(endMs);
      const [ship, ...rest] = ships.filter(({ peer }) => peer === 'c');
      ships = [...rest, ...only(ship === undefined ? a.tick(a.nowMs + 50) : exchange(ship), 'ship')];
    }
    expect(a.replica.unreached).not.toContain('c');
    expect(refused).toBeGreaterThan(0);
    expect(refused, 'so rarely is it tried').toBeLessThan(10);
  });
});

describe('a peer that is not reached', () => {
  it('is named to all others at once', () => {
    const a = betweenBAndC();
    a.tick();
    a.answered('b', vector({ b: 2 }));
    a.unanswered('c');
    expect(a.replica.unreached).toEqual([]);
    expect(a.replica.wakeAtMs()).toBeLessThanOrEqual(a.nowMs + unreachedAfterMs);
    const effects = a.tick(a.nowMs + unreachedAfterMs);
    expect(a.replica.unreached).toEqual(['c']);
    expect(only(effects, 'ship')).toContainEqual(shipment('b', 1, 0));
    const [answer] = only(a.receive('b', []), 'answer');
    expect(answer?.answer.unreached).toEqual(['c']);
  });

  it('is not named any more when it answers', () => {
    const a = betweenBAndC();
    a.unanswered('c');
    a.tick(a.nowMs + unreachedAfterMs);
    a.answered('c', vector());
    expect(a.replica.unreached).toEqual([]);
  });

  it('is what another replica is behind its address: the message has not reached the one that it was for', () => {
    const a = betweenBAndC();
    a.answered('c', vector({ c: 9 }), vector(), { from: 'c.x1' });
    a.nowMs += unreachedAfterMs;
    a.receive('b', []);
    expect(a.replica.unreached).toEqual(['c']);
    expect([...a.replica.links].find(({ replica }) => replica === 'c')?.acked).toEqual(vector());
  });
});

describe('a peer that lacks what the log no longer has', () => {
  /** One that has a:1 to a:3, the third of them in its log. */
  function truncated(): StepDriver {
    const { members, ...nothing } = new StepDriver().replica.facts();
    const facts = { ...nothing, members, clock: vector({ a: 2 }) };
    return new StepDriver({ facts, history: [update('a:3')] });
  }

  it('is offered a snapshot until it has one, and then shipped the rest', () => {
    const a = truncated();
    const [probe] = only(a.receive('b', []), 'ship').filter(({ peer }) => peer === 'b');
    expect(probe).toEqual({ ...shipment('b', 1, 0), offersSnapshot: true });
    expect(only(a.answered('b', vector({ a: 2 })), 'ship')).toEqual([shipment('b', 3, 3)]);
  });

  it('is offered one also while there is always something else to ship', () => {
    const a = truncated();
    a.receive('c', [update('c:1')], vector({ c: 1 }), { unreached: ['b'] });
    a.persistAll();
    expect(only(a.receive('b', []), 'ship')).toEqual([{ ...shipment('b', 1, 1, 'c'), offersSnapshot: true }]);
  });

  it('asks for one when it is offered, from whom it is offered', () => {
    const a = new StepDriver();
    const effects = a.receive('b', [], vector({ b: 9 }), { offersSnapshot: true });
    expect(only(effects, 'behind')).toEqual([{ kind: 'behind', peer: 'b' }]);
  });

  it('is not offered one before it has been heard', () => {
    const a = truncated();
    expect(only(a.tick(), 'ship')).toEqual([shipment('b', 1, 0), shipment('c', 1, 0)]);
  });
});

it('holds in memory what others bring of such as are no members yet, or no longer, and says so: it is not sent again at once', () => {
  const a = betweenBAndC();
  a.receive('c', [update('c:1', { changes: [leave('b')] })]);
  a.persistAll();
  const waiting = [update('b:3', { after: { c: 2 } })];
  const joining = [update('d:1', { after: { c: 3 }, changes: [join('d')] })];
  a.receive('c', joining);
  const [answer] = only(a.receive('c', waiting), 'answer');
  expect(answer?.answer.received).toEqual(vector({ b: 3, d: 1 }));
});
