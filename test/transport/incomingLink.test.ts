import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KvcError } from '../../src/errors.js';
import type { ReplicateAnswer } from '../../src/protocol/replicateMessage.js';
import { IncomingLink } from '../../src/transport/incomingLink.js';
import { openLink, type LinkSocket } from '../support/linkSocket.js';
import { until } from '../support/until.js';
import { listen, type HttpPeer } from './httpPeer.js';
import { answerWith, message, update } from './messages.js';

let server: HttpPeer;
let incoming: IncomingLink;
let socket: Duplex;
let peer: LinkSocket;
/** What has arrived, and is to be answered or refused by the test. */
let arrived: { counter: number; answer: (answer: ReplicateAnswer) => void; refuse: (error: Error) => void }[];

beforeEach(async () => {
  arrived = [];
  server = await listen(
    () => undefined,
    (_, upgraded, head) => {
      socket = upgraded;
      incoming = new IncomingLink(upgraded, head, {
        replicate: ({ updates }) =>
          new Promise((answer, refuse) =>
            arrived.push({ counter: updates.at(-1)?.dot.counter ?? 0, answer, refuse }),
          ),
        failureOf: (error) =>
          error instanceof KvcError ? error : new KvcError('KVC_E_INTERNAL', 'a defect in kvc'),
      });
    },
  );
  peer = await openLink(server.url);
});

afterEach(async () => {
  peer.destroy();
  await server.close();
});

const send = (...counters: number[]) => peer.send(...counters.map((counter) => message([update(counter)])));
const arrivals = (count: number) => until(`${count} messages arrive`, () => arrived.length >= count);

describe('an incoming link', () => {
  it('answers in the order of the messages, in whatever order they are done', async () => {
    send(1, 2, 3);
    await arrivals(3);
    arrived[2]?.answer(answerWith(3));
    arrived[1]?.refuse(new KvcError('KVC_E_DISK_FULL', 'no room'));
    await setImmediate();
    expect(peer.answers).toEqual([]);
    arrived[0]?.answer(answerWith(1));
    await peer.answered(3);
    expect(peer.answers[0]).toEqual(answerWith(1));
    expect(peer.answers[1]).toMatchObject({ code: 'KVC_E_DISK_FULL', message: 'no room' });
    expect(peer.answers[2]).toEqual(answerWith(3));
  });

  it('goes on where handling a message fails by a defect', async () => {
    send(1, 2);
    await arrivals(2);
    arrived[0]?.refuse(new TypeError('oops'));
    arrived[1]?.answer(answerWith(2));
    await peer.answered(2);
    expect(peer.answers[0]).toMatchObject({ code: 'KVC_E_INTERNAL' });
    expect(peer.answers[1]).toEqual(answerWith(2));
  });

  it('refuses what it cannot read, when all before is answered, and ends', async () => {
    send(1);
    peer.sendBytes(Buffer.from([0, 0, 0, 1, 1, 99]));
    send(2);
    await arrivals(1);
    arrived[0]?.answer(answerWith(1));
    await peer.closed();
    expect(peer.answers).toEqual([answerWith(1), expect.objectContaining({ code: 'KVC_E_BAD_REQUEST' })]);
    expect(arrived).toHaveLength(1);
  });

  it.each<[string, Buffer, string]>([
    ['too large a frame', Buffer.from([0xff, 0, 0, 0, 1]), 'KVC_E_MESSAGE_TOO_LARGE'],
    ['an answer', Buffer.from([0, 0, 0, 0, 2]), 'KVC_E_BAD_REQUEST'],
  ])('refuses %s', async (_, bytes, code) => {
    peer.sendBytes(bytes);
    await peer.closed();
    expect(peer.answers).toEqual([expect.objectContaining({ code })]);
  });

  it('reads nothing more while more than a thousand messages wait for their answers', async () => {
    const probe = message([]);
    for (let sent = 0; sent < 200; sent += 1) {
      peer.send(...Array.from({ length: 100 }, () => probe));
      await setImmediate();
    }
    await until('it stops', () => socket.isPaused());
    const taken = arrived.length;
    expect(taken).toBeLessThan(20_000);
    await setImmediate();
    expect(arrived).toHaveLength(taken);
    for (let next = 0; next < 20_000; next += 1) {
      if (next >= arrived.length) await arrivals(next + 1);
      arrived[next]?.answer(answerWith(1));
    }
    await peer.answered(20_000);
  });

  it('that finishes answers what it has taken, and takes nothing more', async () => {
    send(1);
    await arrivals(1);
    incoming.finish();
    send(2);
    await setImmediate();
    expect(peer.isClosed).toBe(false);
    arrived[0]?.answer(answerWith(1));
    await peer.closed();
    expect(peer.answers).toEqual([answerWith(1)]);
    expect(arrived).toHaveLength(1);
  });

  it('that finishes with nothing under way ends at once', async () => {
    incoming.finish();
    await peer.closed();
  });

  it('survives that its peer goes while messages wait for their answers', async () => {
    send(1);
    await arrivals(1);
    peer.destroy();
    await until('it is closed', () => socket.destroyed);
    arrived[0]?.answer(answerWith(1));
    await setImmediate();
  });
});
