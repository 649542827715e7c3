import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { RunningNode } from '../../../src/driver/runningNode.js';
import { OutputTurn } from '../../../src/node/outputTurn.js';
import { RespConnection, type RespConnectionParts } from '../../../src/node/resp/respConnection.js';
import { until } from '../../support/until.js';

/** The node's end of a connection: what arrives there is said by the test, what is sent is taken at once. */
class TestSocket extends Duplex {
  received = '';
  bytesWritten = 0;

  override _read(): void {
    return;
  }

  override _write(chunk: Buffer, _encoding: string, taken: () => void): void {
    this.bytesWritten += chunk.length;
    this.received += chunk.toString('latin1');
    taken();
  }

  /** All of it is there when the event loop looks. */
  arrive(...chunks: (string | null)[]): void {
    for (const chunk of chunks) this.push(chunk === null ? null : Buffer.from(chunk));
  }
}

function connected(node?: RunningNode) {
  const socket = new TestSocket({ allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  const counts = { connections: 0, commands: 0 };
  const state = { turn: new OutputTurn(), clients: new Set(), startedAtMs: 0, counts };
  const parts = { id: 1, served: { life: { serving: () => node } }, state, cursors: {} };
  new RespConnection(socket as unknown as Socket, parts as unknown as RespConnectionParts);
  return { socket, counts };
}

/** A node of which every key has a large value, and that answers no write before it is told to. */
function slowNode() {
  const answers: { written: (dot: object) => void }[] = [];
  const versions = [{ dot: { replica: 'a', counter: 1 }, timestamp: 1, value: Buffer.alloc(300_000, 'x') }];
  const node = {
    driver: {
      overload: { requestBegins: () => undefined, requestEnded: () => undefined },
      nowMs: () => Date.now(),
      submit: (_operations: unknown, _options: unknown, answer: (typeof answers)[number]) =>
        answers.push(answer),
    },
    replica: { self: 'a', isShed: () => false },
    keys: { get: () => versions },
  };
  return { node: node as unknown as RunningNode, answers };
}

describe('a connection', () => {
  it('answers all that its client sent before it said that it sends no more, however much that is', async () => {
    const { socket, counts } = connected();
    // Answers of several MiB: they are made in turns, behind those of the first command.
    const commands = 2000;
    socket.arrive('PING\r\n', 'COMMAND\r\n'.repeat(commands) + 'ECHO last\r\n', null);
    await until('it is ended', () => socket.writableEnded);
    expect(counts.commands).toBe(commands + 2);
    expect(socket.received.endsWith('$4\r\nlast\r\n')).toBe(true);
  });

  it('does nothing more when its client is gone, whatever was still to be answered', async () => {
    const { node, answers } = slowNode();
    const { socket } = connected(node);
    socket.arrive('SET k v\r\n' + 'GET other\r\n'.repeat(20));
    await until('all wait for the write', () => answers.length === 1);
    socket.destroy();
    await until('it is closed', () => socket.closed);
    const nextTurn = setImmediate;
    const turns = vi.spyOn(globalThis, 'setImmediate');
    onTestFinished(() => turns.mockRestore());
    answers[0]?.written({ replica: 'a', counter: 2 });
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => nextTurn(resolve));
    expect(turns.mock.calls.length).toBeLessThan(5);
  });
});
