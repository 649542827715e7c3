import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Link } from '../../src/core/link.js';
import type { LinkLimits } from '../../src/core/linkLimits.js';
import { id, vector } from '../support/builders.js';

const limits: LinkLimits = {
  window: 2,
  windowMax: 5,
  paceMs: 20,
  batchUpdatesMax: 3,
  unackedUpdatesMax: 7,
  probeMs: 100,
  heartbeatMs: 1000,
  backoffMinMs: 50,
  backoffMaxMs: 400,
};

/** What happens next: own writes, the fate of one message under way, a restart of the peer, or nothing until the wake. */
const happening = fc.oneof(
  { weight: 3, arbitrary: fc.constant('write' as const) },
  { weight: 4, arbitrary: fc.constant('arrive' as const) },
  { weight: 2, arbitrary: fc.constant('lose' as const) },
  { weight: 1, arbitrary: fc.constant('refuse' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
  { weight: 4, arbitrary: fc.constant('wake' as const) },
);

/** A peer that holds what arrives without a gap, and has made `durable` of it durable. */
class Peer {
  held = 0;
  durable = 0;

  take(first: number, last: number): void {
    if (first <= this.held + 1) this.held = Math.max(this.held, last);
  }

  answer(refused: number) {
    const received = this.held > this.durable ? vector({ a: this.held }) : vector();
    const clock = vector(this.durable > 0 ? { a: this.durable } : {});
    return { from: id('b'), clock, received, refused, unreached: [] };
  }
}

it('always has a message under way or a time to wake, makes progress then, and brings everything over', () => {
  const seen = { lose: 0, refuse: 0, restart: 0, wake: 0, write: 0, arrive: 0 };
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 120 }), fc.nat(), (happenings, seed) => {
      let nowMs = 0;
      let durable = 0;
      let turn = seed;
      const peer = new Peer();
      const underWay: { first: number; last: number }[] = [];
      const link = new Link(id('b'), id('a'), limits, () => ((turn += 7) % 10) / 10);

      const own = () => [{ origin: id('a'), start: 0, last: durable }];
      const ship = (): number => {
        let count = 0;
        const streams = own();
        for (let next = link.nextShipment(streams, nowMs); next; next = link.nextShipment(streams, nowMs)) {
          expect((count += 1)).toBeLessThanOrEqual(limits.windowMax);
          underWay.push(next);
        }
        expect(link.inFlight).toBe(underWay.length);
        expect(underWay.length).toBeLessThanOrEqual(limits.windowMax);
        return count;
      };
      const wake = (): void => {
        const wakeAtMs = link.wakeAtMs(own());
        if (underWay.length === 0) expect(wakeAtMs).not.toBe(Infinity);
        if (wakeAtMs === Infinity) return;
        nowMs = Math.max(nowMs, wakeAtMs);
        const shipped = ship();
        expect(shipped > 0 || link.wakeAtMs(own()) > nowMs).toBe(true);
      };
      const arrive = (refused: boolean): void => {
        const [message] = underWay.splice(turn % Math.max(underWay.length, 1), 1);
        if (message === undefined) return;
        if (!refused) peer.take(message.first, message.last);
        link.answered(peer.answer(refused ? 1 : 0), nowMs);
        if (turn % 3 === 0) peer.durable = peer.held;
      };

      for (const each of happenings) {
        seen[each] += 1;
        if (each === 'write') durable += 1;
        else if (each === 'wake') wake();
        else if (each === 'restart') peer.held = peer.durable;
        else if (each === 'lose') {
          if (underWay.shift() !== undefined) link.unanswered(nowMs);
        } else arrive(each === 'refuse');
        ship();
      }

      for (let round = 0; counterOfPeer(link) < durable; round += 1) {
        expect(round).toBeLessThan(20 + 2 * durable);
        while (underWay.length > 0) arrive(false);
        peer.durable = peer.held;
        wake();
      }
    }),
    { numRuns: 400 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});

function counterOfPeer(link: Link): number {
  return link.acked.get(id('a')) ?? 0;
}
