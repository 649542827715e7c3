import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpdateJson } from '../../src/protocol/replicationApi.js';
import { expectRefused, type RefusedRequest } from '../support/refusedRequest.js';
import { TestNodes, type CallOptions } from '../support/testNodes.js';

let nodes: TestNodes;

beforeAll(async () => {
  nodes = await TestNodes.start({ count: 3 });
  // Node1 does not hear what node3 has, so nothing is stable, and it still knows what each dot names.
  await nodes.node(1).addFaults([{ kind: 'hold', target: 'node3' }]);
  await nodes.node(3).addFaults([{ kind: 'hold', target: 'node1' }]);
  await nodes.node(2).client.write('a', '1');
  await nodes.converged();
});
afterAll(() => nodes.stop());

const update = (change: Partial<Record<keyof UpdateJson, unknown>> = {}): unknown => ({
  dot: { node: 'node2', counter: 2 },
  dependencies: {},
  timestamp: 1,
  operations: [{ key: 'k', value: 'v' }],
  ...change,
});
const replicate = (update: unknown, change: object = {}): CallOptions => ({
  body: { from: 'node2', clock: {}, updates: [update], ...change },
});

describe('a replication message or fault that is wrong gets its 4xx, changes nothing, and the node goes on', () => {
  it.each<RefusedRequest>([
    [
      'a sender that is no name',
      'POST',
      '/replicate',
      replicate(update(), { from: '../x' }),
      'KVC_E_BAD_REQUEST',
    ],
    ['no sender', 'POST', '/replicate', { body: { clock: {}, updates: [] } }, 'KVC_E_BAD_REQUEST', 'from'],
    [
      'no updates',
      'POST',
      '/replicate',
      { body: { from: 'node2', clock: {} } },
      'KVC_E_BAD_REQUEST',
      'updates',
    ],
    [
      'an unknown origin',
      'POST',
      '/replicate',
      replicate(update({ dot: { node: 'node9', counter: 1 } })),
      'KVC_E_NODE_UNKNOWN',
    ],
    [
      'a counter of 0',
      'POST',
      '/replicate',
      replicate(update({ dot: { node: 'node2', counter: 0 } })),
      'KVC_E_BAD_REQUEST',
    ],
    [
      'a negative counter',
      'POST',
      '/replicate',
      replicate(update({ dependencies: { node1: -1 } })),
      'KVC_E_BAD_REQUEST',
      '-1',
    ],
    [
      'a fraction',
      'POST',
      '/replicate',
      replicate(update({ dependencies: { node1: 1.5 } })),
      'KVC_E_BAD_REQUEST',
      '1.5',
    ],
    [
      'a counter that is too large',
      'POST',
      '/replicate',
      replicate(update({ dependencies: { node1: 2 ** 53 } })),
      'KVC_E_BAD_REQUEST',
    ],
    [
      'a counter that is text',
      'POST',
      '/replicate',
      replicate(update({ dependencies: { node1: '1' } })),
      'KVC_E_BAD_REQUEST',
    ],
    [
      'a bad clock',
      'POST',
      '/replicate',
      replicate(update(), { clock: { node2: -1 } }),
      'KVC_E_BAD_REQUEST',
      'clock',
    ],
    [
      'a clock that is an array',
      'POST',
      '/replicate',
      replicate(update(), { clock: [] }),
      'KVC_E_BAD_REQUEST',
      'clock',
    ],
    [
      'a dependency on itself',
      'POST',
      '/replicate',
      replicate(update({ dependencies: { node2: 1 } })),
      'KVC_E_BAD_REQUEST',
    ],
    [
      'a timestamp of 0',
      'POST',
      '/replicate',
      replicate(update({ timestamp: 0 })),
      'KVC_E_BAD_REQUEST',
      'timestamp',
    ],
    [
      'a timestamp that is too far',
      'POST',
      '/replicate',
      replicate(update({ timestamp: 2 ** 53 - 1 })),
      'KVC_E_BAD_REQUEST',
    ],
    [
      'no operations',
      'POST',
      '/replicate',
      replicate(update({ operations: [] })),
      'KVC_E_BAD_REQUEST',
      'operations',
    ],
    [
      'a dot that names other content',
      'POST',
      '/replicate',
      replicate(update({ dot: { node: 'node2', counter: 1 } })),
      'KVC_E_DOT_REUSED',
      'node2:1',
    ],
    [
      'a dot of this node that it never gave',
      'POST',
      '/replicate',
      replicate(update({ dot: { node: 'node1', counter: 7 } })),
      'KVC_E_DOT_REUSED',
      'node1:7',
    ],
    [
      'one dot with two contents in one message',
      'POST',
      '/replicate',
      replicate(update(), { updates: [update(), update({ timestamp: 2 })] }),
      'KVC_E_DOT_REUSED',
    ],
    [
      'a good update beside a bad one',
      'POST',
      '/replicate',
      replicate(update(), { updates: [update(), update({ dot: { node: 'node2', counter: 1 } })] }),
      'KVC_E_DOT_REUSED',
    ],

    [
      'a fault on an unknown node',
      'POST',
      '/faults',
      { body: { faults: [{ kind: 'hold', target: 'node9' }] } },
      'KVC_E_NODE_UNKNOWN',
      'node9',
    ],
    [
      'a fault on itself',
      'POST',
      '/faults',
      { body: { faults: [{ kind: 'hold', target: 'node1' }] } },
      'KVC_E_NODE_UNKNOWN',
      'node1',
    ],
    [
      'an unknown fault',
      'POST',
      '/faults',
      { body: { faults: [{ kind: 'melt', target: 'node2' }] } },
      'KVC_E_BAD_REQUEST',
      'melt',
    ],
    [
      'a negative delay',
      'POST',
      '/faults',
      { body: { faults: [{ kind: 'delay', target: 'node2', delay_ms: -1, jitter_ms: 0 }] } },
      'KVC_E_BAD_REQUEST',
      '-1',
    ],
    [
      'a drop of more than all',
      'POST',
      '/faults',
      { body: { faults: [{ kind: 'drop', target: 'node2', percent: 101 }] } },
      'KVC_E_BAD_REQUEST',
      '101',
    ],
    [
      'a seed that is too large',
      'POST',
      '/faults',
      { body: { faults: [{ kind: 'reorder', target: 'node2', percent: 1, seed: 2 ** 32 }] } },
      'KVC_E_BAD_REQUEST',
      'seed',
    ],
    [
      'a partition from itself',
      'POST',
      '/faults',
      { body: { faults: [{ kind: 'partition', target: 'node1' }] } },
      'KVC_E_NODE_UNKNOWN',
      'node1',
    ],
    [
      'a step of an unknown node',
      'POST',
      '/faults/step',
      { body: { target: 'node9' } },
      'KVC_E_NODE_UNKNOWN',
      'node9',
    ],
    [
      'a step where nothing is held',
      'POST',
      '/faults/step',
      { body: { target: 'node2' } },
      'KVC_E_STATE_CONFLICT',
      'node1:node2',
    ],
    [
      'clearing the faults of a stranger',
      'DELETE',
      '/faults?target=node9',
      {},
      'KVC_E_NODE_UNKNOWN',
      'node9',
    ],
    ['clearing an unknown kind', 'DELETE', '/faults?kind=melt', {}, 'KVC_E_BAD_REQUEST', 'kind'],
  ])('%s: %s', async (...request) => {
    await expectRefused(nodes.node(1), request);
    expect(await nodes.node(1).client.read('a')).toMatchObject({ value: '1' });
  });
});
