import { expect, it } from 'vitest';
import { KvcError, type ErrorCode, type ErrorFacts } from '../../src/errors.js';
import type { Input } from '../../src/core/step.js';
import { nodeOf } from '../../src/core/ids.js';
import { Shipper } from '../../src/driver/shipper.js';
import { MemoryTransport } from '../../src/transport/memoryTransport.js';
import { node1, node2 } from '../storage/updates.js';
import { drivenReplica, openStores } from './drivenReplica.js';

/** What the replica is told when a peer refuses a message. */
async function endOf(code: ErrorCode, facts: ErrorFacts): Promise<Input> {
  const stores = await openStores();
  const { replica } = drivenReplica(stores);
  const transport = new MemoryTransport(new Map());
  transport.send = () => Promise.reject(new KvcError(code, 'refused', facts));
  const report = (): void => undefined;
  return new Promise((onEnd, onDamage) => {
    const shipper = new Shipper({ ...stores, self: node1, replica, transport, report, onEnd, onDamage });
    shipper.ship({ kind: 'ship', peer: node2, origin: node1, first: 1, last: 0, offersSnapshot: false });
  });
}

it.each([
  ['KVC_E_REMOVED', { replica: node1 }, 'fenced'],
  ['KVC_E_REMOVED', { replica: node2 }, 'unanswered'],
  ['KVC_E_NODE_UNKNOWN', { node: node1, members: [node2] }, 'unknown'],
  ['KVC_E_NODE_UNKNOWN', { node: node1, members: ['node2.x1'] }, 'unanswered'],
  ['KVC_E_NODE_UNKNOWN', { node: nodeOf(node2), members: [node2] }, 'unanswered'],
  ['KVC_E_DISK_FULL', {}, 'unanswered'],
] as const)('a peer that refuses with %s about %j: %s', async (code, facts, kind) => {
  expect(await endOf(code, facts)).toEqual({ kind, peer: node2 });
});
