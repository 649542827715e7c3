import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeName, ReplicaId } from '../../src/core/ids.js';
import type { Update } from '../../src/core/update.js';
import { KvcError } from '../../src/errors.js';
import type { JoinRequest } from '../../src/protocol/joinJson.js';
import type { ReplicateAnswer, ReplicateMessage } from '../../src/protocol/replicateMessage.js';
import type { SnapshotChunk } from '../../src/protocol/snapshotChunk.js';
import type { SnapshotPartRequest } from '../../src/protocol/snapshotPartRequest.js';
import type { PeerHandlers } from '../../src/transport/peerHandlers.js';
import type { Transport } from '../../src/transport/transport.js';
import { answerWith, message, update } from '../transport/messages.js';

export const peer = 'node2' as NodeName;
export const absentPeer = 'node3' as NodeName;

/** A transport whose peer `node2` does what `handlers` says at the time, and whose peer `node3` is not there. */
export interface TransportWorld {
  readonly transport: Transport;
  readonly handlers: Map<NodeName, PeerHandlers>;
  close(): Promise<void>;
}

const refuse = (): Promise<never> =>
  Promise.reject(new KvcError('KVC_E_REMOVED', 'node1 has left the cluster', { replica: 'node1' }));

/** A peer that does nothing of what it is asked. */
const refusingPeer: PeerHandlers = { replicate: refuse, snapshot: refuse, join: refuse };

const chunk: SnapshotChunk = {
  from: 'node2' as ReplicaId,
  snapshot: 'c0ffee',
  checkpoint: {
    clock: new Map([['node2' as ReplicaId, 7]]),
    timestamp: 9,
    liveKeys: 1,
    conflictedKeys: 0,
    members: [],
  },
  requests: [],
  keys: [],
  next: null,
  entries: 0,
};

/** How long the transports under test wait for an answer. */
export const contractTimeoutMs = 300;

export function transportContract(name: string, open: () => Promise<TransportWorld>): void {
  describe(`the transport contract: ${name}`, () => {
    let world: TransportWorld;
    const serve = (replicate: PeerHandlers['replicate']) =>
      void world.handlers.set(peer, { ...refusingPeer, replicate });
    const send = (counter: number) => world.transport.send(peer, message([update(counter)]));

    beforeEach(async () => {
      world = await open();
    });

    afterEach(() => world.close());

    it('brings a message to the peer and its answer back, sharing no object', async () => {
      const received: ReplicateMessage[] = [];
      serve((arrived) => Promise.resolve(received.push(arrived)).then(() => answer));
      const answer: ReplicateAnswer = {
        from: 'node2.abc123' as ReplicaId,
        unreached: ['node9' as NodeName],
        clock: new Map([['node1' as ReplicaId, 3]]),
        received: new Map([['node1' as ReplicaId, 7]]),
        refused: 2,
      };
      const sent = message([update(4), update(5)]);

      const got = await world.transport.send(peer, sent);

      expect(got).toEqual(answer);
      expect(got).not.toBe(answer);
      expect(received).toEqual([sent]);
      expect(received[0]?.updates[0]).not.toBe(sent.updates[0]);
    });

    it('keeps the order of the calls while many messages are under way', async () => {
      const arrived: number[] = [];
      let allArrived!: () => void;
      const all = new Promise<void>((resolve) => (allArrived = resolve));
      // No answer leaves before the last message is there: a transport that sends one at a time fails here.
      serve(async (got) => {
        if (arrived.push(firstCounter(got)) === 20) allArrived();
        await all;
        return answerWith(firstCounter(got));
      });
      const counters = Array.from({ length: 20 }, (_, index) => index + 1);

      const answers = await Promise.all(counters.map(send));

      expect(arrived).toEqual(counters);
      expect(answers).toEqual(counters.map((counter) => answerWith(counter)));
    });

    it('brings a request for a part of a snapshot to the peer, and the part back', async () => {
      const asked: SnapshotPartRequest[] = [];
      const snapshot = (request: SnapshotPartRequest) =>
        Promise.resolve(asked.push(request)).then(() => chunk);
      world.handlers.set(peer, { ...refusingPeer, snapshot });
      const request = { from: 'node1' as ReplicaId, snapshot: 'c0ffee', position: null };

      expect(await world.transport.fetchSnapshot(peer, request)).toEqual(chunk);
      expect(asked).toEqual([request]);
    });

    it('brings a request to be admitted to the peer, and its refusal back', async () => {
      const asked: JoinRequest[] = [];
      const request = { replica: 'node1.k3x9f' as ReplicaId, address: '127.0.0.1:7101' };
      world.handlers.set(peer, {
        ...refusingPeer,
        join: (arrived) => Promise.resolve(asked.push(arrived)).then(() => undefined),
      });
      await world.transport.join(peer, request);
      expect(asked).toEqual([request]);

      world.handlers.set(peer, refusingPeer);
      await expect(world.transport.join(peer, request)).rejects.toMatchObject({ code: 'KVC_E_REMOVED' });
      await expect(world.transport.join(absentPeer, request)).rejects.toMatchObject({
        code: 'KVC_E_NODE_UNREACHABLE',
      });
    });

    it("rejects with the peer's own error where the peer refuses, and goes on", async () => {
      serve((got) =>
        firstCounter(got) === 1
          ? Promise.reject(new KvcError('KVC_E_DOT_REUSED', 'dot node1:1 is taken', { dot: 'node1:1' }))
          : Promise.resolve(answerWith(2)),
      );

      const [refused, taken] = await Promise.allSettled([send(1), send(2)]);

      expect(refused).toMatchObject({
        reason: { code: 'KVC_E_DOT_REUSED', message: 'dot node1:1 is taken', facts: { dot: 'node1:1' } },
      });
      expect(taken).toEqual({ status: 'fulfilled', value: answerWith(2) });
    });

    it('rejects with KVC_E_NODE_UNREACHABLE, naming the peer, when nobody is there', async () => {
      const sent = world.transport.send(absentPeer, message([]));
      await expect(sent).rejects.toMatchObject({
        code: 'KVC_E_NODE_UNREACHABLE',
        message: expect.stringContaining('node3') as unknown,
      });
    });

    it('rejects within bounded time, all messages together, when the peer is silent, then works again', async () => {
      serve(() => new Promise(() => undefined));
      const before = performance.now();

      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => send(index + 1)));

      // Twenty timeouts one after the other would take 6 s and more.
      expect(performance.now() - before).toBeLessThan(10 * contractTimeoutMs);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ reason: { code: 'KVC_E_NODE_UNREACHABLE' } });
      }
      serve(() => Promise.resolve(answerWith(9)));
      expect(await send(9)).toEqual(answerWith(9));
    });

    it('rejects what is under way, and everything afterwards, with KVC_E_CLOSED once it is closed', async () => {
      let arrived!: () => void;
      const isThere = new Promise<void>((resolve) => (arrived = resolve));
      serve(() => new Promise(() => arrived()));
      const underWay = Promise.allSettled([send(1), send(2)]);
      await isThere;

      await world.transport.close();

      for (const outcome of await underWay)
        expect(outcome).toMatchObject({ reason: { code: 'KVC_E_CLOSED' } });
      await expect(send(3)).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
      await world.transport.close();
    });
  });
}

function firstCounter({ updates }: ReplicateMessage): number {
  return (updates[0] as Update).dot.counter;
}
