import { expect, it } from 'vitest';
import type { NodeName } from '../../src/core/ids.js';
import { join } from '../../src/driver/joining.js';
import { KvcError } from '../../src/errors.js';
import { realTime } from '../../src/node/realTime.js';
import { parseNodeName, parseReplicaId } from '../../src/protocol/names.js';
import { MemoryTransport } from '../../src/transport/memoryTransport.js';
import { until } from '../support/until.js';

/** A node that asks to be admitted, and says to others that ask it why it cannot admit them. */
function asking(name: string, peer: string, says: Map<string, string>) {
  const stop = new AbortController();
  const transport = new MemoryTransport(new Map());
  transport.join = (other: NodeName) =>
    Promise.reject(new KvcError('KVC_E_NOT_READY', `${other} does not serve yet: ${says.get(other) ?? ''}`));
  const told: string[] = [];
  const joined = join({
    time: realTime(),
    self: parseNodeName(name),
    replica: parseReplicaId(`${name}.k3x9fa`),
    address: '127.0.0.1:7101',
    peers: [parseNodeName(peer)],
    transport,
    mayFound: false,
    progress: (reason) => {
      told.push(reason);
      says.set(name, reason);
    },
    signal: stop.signal,
  });
  return { told, joined, stop: () => stop.abort(new KvcError('KVC_E_CLOSED', 'enough')) };
}

it('two nodes that join at once do not tell each other ever more of what the other said', async () => {
  const says = new Map<string, string>();
  const [one, other] = [asking('node1', 'node2', says), asking('node2', 'node1', says)];
  await until('both have asked several times', () =>
    Promise.resolve(one.told.length > 8 && other.told.length > 8),
  );
  one.stop();
  other.stop();
  await Promise.allSettled([one.joined, other.joined]);
  expect(Math.max(...one.told.map(({ length }) => length))).toBeLessThan(500);
});
