import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FrameSender } from '../../src/transport/frameSender.js';

/** A socket that notes each write. */
function recordingSocket(writes: string[]): Duplex {
  return new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      writes.push(chunk.toString('hex'));
      done();
    },
  });
}

it('gives what is written in one turn to the socket at once, behind all promises of the turn', async () => {
  const writes: string[] = [];
  const sender = new FrameSender();
  sender.open(recordingSocket(writes));
  const send = async (byte: number, promises: number): Promise<void> => {
    // As where the log is read for each of several shipments.
    for (let count = 0; count < promises; count += 1) await Promise.resolve();
    sender.writer.byte(byte);
    sender.flushSoon();
  };
  await Promise.all([send(1, 0), send(2, 1), send(3, 5)]);
  await setImmediate();
  expect(writes).toEqual(['010203']);
  await send(4, 0);
  await setImmediate();
  expect(writes).toEqual(['010203', '04']);
});

it('keeps what is written before there is a socket, in its order', async () => {
  const writes: string[] = [];
  const sender = new FrameSender();
  for (const byte of [1, 2]) {
    sender.writer.byte(byte);
    sender.flushSoon();
  }
  await setImmediate();
  expect(sender.waitingBytes).toBe(2);
  sender.open(recordingSocket(writes));
  expect(writes).toEqual(['0102']);
});
