import { describe, expect, it } from 'vitest';
import { Link, type LinkAnswer, type Shipment, type Stream } from '../../src/core/link.js';
import type { LinkLimits } from '../../src/core/linkLimits.js';
import { id, vector } from '../support/builders.js';

const limits: LinkLimits = {
  window: 2,
  windowMax: 4,
  paceMs: 20,
  batchUpdatesMax: 10,
  unackedUpdatesMax: 1000,
  probeMs: 100,
  heartbeatMs: 1000,
  backoffMinMs: 40,
  backoffMaxMs: 200,
};
const probe = batch(1, 0);
const empty = vector();

/** A link from `a` to `b` whose peer has already said what it has. */
function linkTo(peerHas: Record<string, number> = {}, options: { random?: number } = {}): Link {
  const link = new Link(id('b'), id('a'), limits, () => options.random ?? 1);
  link.heard(vector(peerHas), 0);
  return link;
}

/** What `a` has to give of its own, all of it in its log. */
function own(last: number): Stream[] {
  return [{ origin: id('a'), start: 0, last }];
}

function batch(first: number, last: number, origin = 'a'): Shipment {
  return { origin: id(origin), first, last };
}

function shipAll(link: Link, durable: number | readonly Stream[], nowMs: number): Shipment[] {
  const streams = typeof durable === 'number' ? own(durable) : durable;
  const shipments: Shipment[] = [];
  for (let next = link.nextShipment(streams, nowMs); next; next = link.nextShipment(streams, nowMs)) {
    shipments.push(next);
  }
  return shipments;
}

function answer(
  clock: Record<string, number>,
  received: Record<string, number> = {},
  refused = 0,
): LinkAnswer {
  return { from: id('b'), clock: vector(clock), received: vector(received), refused, unreached: [] };
}

describe('first contact', () => {
  it('asks the peer what it has before shipping anything, for that may be nearly everything', () => {
    const link = new Link(id('b'), id('a'), limits, () => 1);
    expect(shipAll(link, 5, 0)).toEqual([probe]);
    link.answered(answer({ a: 3 }), 1);
    expect(shipAll(link, 5, 1)).toEqual([batch(4, 5)]);
  });

  it('is made by a message of the peer as well', () => {
    const link = new Link(id('b'), id('a'), limits, () => 1);
    link.heard(vector({ a: 4 }), 0);
    expect(shipAll(link, 5, 0)).toEqual([batch(5, 5)]);
  });

  it('asks again after a failure, once the pause is over', () => {
    const link = new Link(id('b'), id('a'), limits, () => 1);
    shipAll(link, 5, 0);
    link.unanswered(1);
    expect(shipAll(link, 5, 40)).toEqual([]);
    expect(link.wakeAtMs(own(5))).toBe(41);
    expect(shipAll(link, 5, 41)).toEqual([probe]);
  });

  it('is tried again after the pause with nothing to ship as well, although the peer talks', () => {
    const link = linkTo();
    shipAll(link, 0, 1000);
    link.unanswered(1000);
    link.heard(empty, 1039);
    expect(shipAll(link, 0, 1040)).toEqual([probe]);
  });
});

describe('the window', () => {
  it('ships at once, in batches of limited size, each update once', () => {
    expect(shipAll(linkTo(), 15, 0)).toEqual([batch(1, 10), batch(11, 15)]);
  });

  it('lets the next batch fill up while earlier ones are under way', () => {
    const link = linkTo();
    shipAll(link, 1, 0);
    shipAll(link, 2, 0);
    expect(shipAll(link, 3, 1)).toEqual([]);
    expect(shipAll(link, 4, 2)).toEqual([]);
    link.answered(answer({ a: 1 }), 3);
    expect(shipAll(link, 5, 3)).toEqual([batch(3, 5)]);
  });

  it('opens further, one batch per pace, on a link that is slow to answer', () => {
    const link = linkTo();
    shipAll(link, 20, 0);
    expect(link.wakeAtMs(own(25))).toBe(20);
    expect(shipAll(link, 25, 19)).toEqual([]);
    expect(shipAll(link, 25, 20)).toEqual([batch(21, 25)]);
    expect(shipAll(link, 26, 39)).toEqual([]);
    expect(shipAll(link, 26, 40)).toEqual([batch(26, 26)]);
  });

  it('never opens beyond its greatest width', () => {
    const link = linkTo();
    for (let durable = 1; durable <= 10; durable += 1) shipAll(link, durable, durable * 100);
    expect(link.inFlight).toBe(limits.windowMax);
    expect(link.wakeAtMs(own(10))).toBe(Infinity);
  });
});

describe('after a failure', () => {
  it('pauses, and goes on behind what the peer has acknowledged', () => {
    const link = linkTo();
    shipAll(link, 20, 0);
    link.answered(answer({ a: 10 }), 1);
    link.unanswered(2);
    expect(link.isBackingOff(2)).toBe(true);
    expect(shipAll(link, 20, 41)).toEqual([]);
    expect(link.wakeAtMs(own(20))).toBe(42);
    expect(shipAll(link, 20, 42)).toEqual([batch(11, 20)]);
  });

  it('goes back only when nothing is under way any more', () => {
    const link = linkTo();
    shipAll(link, 20, 0);
    link.unanswered(1);
    expect(shipAll(link, 20, 500)).toEqual([]);
    expect(link.wakeAtMs(own(20))).toBe(Infinity);
    link.answered(answer({ a: 20 }), 501);
    expect(shipAll(link, 21, 501)).toEqual([batch(21, 21)]);
  });

  it('doubles the pause with each failure in a row up to the greatest, and starts over after a success', () => {
    const link = linkTo();
    const pauses: number[] = [];
    let nowMs = 0;
    for (let count = 0; count < 4; count += 1) {
      shipAll(link, 1, nowMs);
      link.unanswered(nowMs);
      pauses.push(link.wakeAtMs(own(1)) - nowMs);
      nowMs = link.wakeAtMs(own(1));
    }
    expect(pauses).toEqual([40, 80, 160, 200]);
    shipAll(link, 1, nowMs);
    link.answered(answer({ a: 1 }), nowMs);
    shipAll(link, 2, nowMs);
    link.unanswered(nowMs);
    expect(link.wakeAtMs(own(2)) - nowMs).toBe(40);
  });

  it('counts as one failure what was under way together', () => {
    const link = linkTo();
    shipAll(link, 20, 0);
    link.unanswered(1);
    link.unanswered(1);
    expect(link.wakeAtMs(own(20))).toBe(41);
  });

  it('spreads the pause by up to half of it', () => {
    const link = linkTo({}, { random: 0 });
    shipAll(link, 1, 0);
    link.unanswered(0);
    expect(link.wakeAtMs(own(1))).toBe(20);
  });
});

describe('a refusal', () => {
  it('makes the link pause, and go on behind what the peer holds in memory', () => {
    const link = linkTo();
    shipAll(link, 10, 0);
    link.answered(answer({ a: 2 }, { a: 6 }, 4), 1);
    expect(shipAll(link, 10, 40)).toEqual([]);
    expect(shipAll(link, 10, 41)).toEqual([batch(7, 10)]);
  });

  it('does not make it rely on what the peer held if a message fails afterwards: it may have restarted', () => {
    const link = linkTo();
    shipAll(link, 20, 0);
    link.answered(answer({ a: 2 }, { a: 6 }, 14), 1);
    link.unanswered(2);
    expect(shipAll(link, 20, 1000)[0]).toEqual(batch(3, 12));
  });
});

describe('a peer that holds updates without having made them durable', () => {
  it('is not sent them again while it holds them', () => {
    const link = linkTo();
    shipAll(link, 5, 0);
    link.answered(answer({}, { a: 5 }), 1);
    expect(shipAll(link, 6, 1)).toEqual([batch(6, 6)]);
  });

  it('is asked every now and then, even while it talks, and sent again what it lost', () => {
    const link = linkTo();
    shipAll(link, 5, 0);
    link.answered(answer({}, { a: 5 }), 1);
    link.heard(empty, 90);
    expect(link.wakeAtMs(own(5))).toBe(100);
    expect(shipAll(link, 5, 100)).toEqual([probe]);
    link.answered(answer({}), 101);
    expect(shipAll(link, 5, 101)).toEqual([batch(1, 5)]);
  });

  it('is sent again what it lost, even if there is always something under way', () => {
    const link = linkTo();
    shipAll(link, 5, 0);
    link.answered(answer({}, { a: 5 }), 1);
    // It restarts here. From now on it answers that it has nothing, and before each answer more is shipped.
    shipAll(link, 6, 2);
    const resent: Shipment[] = [];
    for (let durable = 7; durable < 20 && resent.length === 0; durable += 1) {
      resent.push(...shipAll(link, durable, durable).filter(({ first }) => first === 1));
      link.answered(answer({}), durable);
    }
    expect(resent).toEqual([batch(1, 10)]);
  });
});

describe('an idle link', () => {
  it('asks after the heartbeat when all is acknowledged', () => {
    const link = linkTo({ a: 5 });
    expect(link.wakeAtMs(own(5))).toBe(1000);
    expect(shipAll(link, 5, 999)).toEqual([]);
    expect(shipAll(link, 5, 1000)).toEqual([probe]);
  });

  it('does not ask a peer that it hears from', () => {
    const link = linkTo({ a: 5 });
    link.heard(vector({ a: 5 }), 900);
    expect(link.wakeAtMs(own(5))).toBe(1900);
  });

  it('keeps to one question at a time', () => {
    const link = linkTo({ a: 5 });
    expect(shipAll(link, 5, 1000)).toEqual([probe]);
    expect(shipAll(link, 5, 9000)).toEqual([]);
    expect(link.wakeAtMs(own(5))).toBe(Infinity);
  });
});

it('never takes back what the peer has acknowledged', () => {
  const link = linkTo({ a: 5, c: 2 });
  link.heard(vector({ a: 3, d: 1 }), 1);
  expect(link.acked).toEqual(vector({ a: 5, c: 2, d: 1 }));
});

describe('several streams', () => {
  const stream = (origin: string, last: number, start = 0): Stream => ({ origin: id(origin), start, last });

  it('take turns, so that a busy one does not keep the others from theirs', () => {
    const link = linkTo();
    const streams = [stream('a', 100), stream('c', 100), stream('d', 1)];
    expect(shipAll(link, streams, 0)).toEqual([batch(1, 10), batch(1, 10, 'c')]);
    link.answered(answer({ a: 10 }), 1);
    expect(shipAll(link, streams, 1)).toEqual([batch(1, 1, 'd')]);
    link.answered(answer({ a: 10, c: 10 }), 2);
    expect(shipAll(link, streams, 2)).toEqual([batch(11, 20)]);
  });

  it('take turns also where the driver asks in between when to wake', () => {
    const link = linkTo();
    const streams = [stream('a', 100), stream('c', 100), stream('d', 100)];
    const origins = ['a', 'c', 'd'].map(id);
    expect(shipAll(link, streams, 0).map(({ origin }) => origin)).toEqual(origins.slice(0, 2));
    for (let nowMs = 1; nowMs < limits.windowMax; nowMs += 1) {
      link.wakeAtMs(streams);
      link.answered(answer({}), nowMs);
      link.wakeAtMs(streams);
      expect(shipAll(link, streams, nowMs).map(({ origin }) => origin)).toEqual([origins[(nowMs + 1) % 3]]);
    }
  });

  it('are acknowledged each by itself', () => {
    const link = linkTo();
    const streams = [stream('a', 5), stream('c', 5)];
    shipAll(link, streams, 0);
    link.answered(answer({ a: 5 }), 1);
    link.answered(answer({ a: 5, c: 2 }), 2);
    expect(shipAll(link, streams, 2)).toEqual([batch(3, 5, 'c')]);
  });

  it('all count in the question whether the peer has everything', () => {
    const link = linkTo({ a: 5 });
    expect(link.wakeAtMs([stream('a', 5), stream('c', 5, 5)])).toBeLessThan(1000);
    expect(link.wakeAtMs([stream('a', 5)])).toBe(1000);
  });
});

describe('a peer that lacks what the log no longer has', () => {
  const truncated: Stream[] = [{ origin: id('a'), start: 3, last: 9 }];

  it('is shipped nothing that it could not use', () => {
    const link = linkTo({ a: 2 });
    expect(shipAll(link, truncated, 0)).toEqual([probe]);
    expect(link.isBehindLog(truncated)).toBe(true);
  });

  it('is shipped the rest when it has got there by a snapshot', () => {
    const link = linkTo({ a: 2 });
    link.heard(vector({ a: 3 }), 5);
    expect(link.isBehindLog(truncated)).toBe(false);
    expect(shipAll(link, truncated, 5)).toEqual([batch(4, 9)]);
  });

  it('is not taken for such a one before it has been heard', () => {
    const link = new Link(id('b'), id('a'), limits, () => 1);
    expect(link.isBehindLog(truncated)).toBe(false);
  });

  it('is not kept from other streams by it', () => {
    const link = linkTo({ a: 2 });
    const other = { origin: id('c'), start: 0, last: 1 };
    expect(shipAll(link, [...truncated, other], 0)).toEqual([batch(1, 1, 'c')]);
  });
});

describe('a peer that is to be told something', () => {
  it('is asked at once, if nothing is under way', () => {
    const link = linkTo({ a: 5 });
    expect(shipAll(link, 5, 1)).toEqual([]);
    link.hurry();
    expect(shipAll(link, 5, 1)).toEqual([probe]);
    link.hurry();
    expect(shipAll(link, 5, 1)).toEqual([]);
  });

  it('is not asked before the pause after a failure is over', () => {
    const link = linkTo();
    shipAll(link, 1, 0);
    link.unanswered(0);
    link.hurry();
    expect(shipAll(link, 1, 39)).toEqual([]);
  });
});
