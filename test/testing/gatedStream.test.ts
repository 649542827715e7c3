import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gate } from '../../src/testing/inProcess/gate.js';
import { GatedStream } from '../../src/testing/inProcess/gatedStream.js';
import { until } from '../support/until.js';

let gate: Gate;
let gated: GatedStream;
let inner: Socket;
let outer: Socket;
/** What came through: behind the gate, and in front of it. */
let behind: string;
let before: string;

beforeEach(async () => {
  gate = new Gate();
  [behind, before] = ['', ''];
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  outer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  [inner] = (await once(server, 'connection')) as [Socket];
  server.close();
  gated = new GatedStream(inner, gate);
  gated.on('data', (chunk: Buffer) => (behind += chunk.toString()));
  outer.on('error', () => undefined);
  outer.on('data', (chunk: Buffer) => (before += chunk.toString()));
});

afterEach(() => outer.destroy());

describe('a connection behind a gate', () => {
  it('stands still both ways while the gate is shut, and then goes on where it was', async () => {
    outer.write('1');
    gated.write('a');
    await until('it is there', () => behind === '1' && before === 'a');
    gate.shut();
    outer.write('2');
    gated.write('b');
    await until('it has arrived', () => inner.bytesRead === 2);
    await setImmediate();
    expect([behind, before]).toEqual(['1', 'a']);
    gate.open();
    await until('it is there', () => behind === '12' && before === 'ab');
  });

  it('leaves what is more than a little with the sender while the gate is shut', async () => {
    gate.shut();
    const sent = 'x'.repeat(64 * 1024 * 1024);
    outer.write(sent);
    await until('it waits', () => inner.isPaused());
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    expect(inner.bytesRead).toBeLessThan(8 * 1024 * 1024);
    gate.open();
    await until('all has come', () => behind.length === sent.length, 10_000);
  });

  it('ends with the connection, and the connection with it', async () => {
    gated.end('last');
    await once(outer, 'end');
    expect(before).toBe('last');
    outer.destroy();
    await once(gated, 'close');
  });

  it('is cut with the connection', async () => {
    const cut = once(gated, 'close');
    gated.on('error', () => undefined);
    inner.resetAndDestroy();
    await cut;
  });
});
