import type { ReplicaId } from '../../src/core/ids.js';
import type { Update } from '../../src/core/update.js';
import type { ReplicateAnswer, ReplicateMessage } from '../../src/protocol/replicateMessage.js';

const origin = 'node1' as ReplicaId;

/** The update node1:COUNTER. */
export function update(counter: number): Update {
  return {
    dot: { replica: origin, counter },
    dependencies: new Map([['node2' as ReplicaId, 4]]),
    timestamp: 1000 + counter,
    operations: [
      { kind: 'put', key: `key${counter}`, value: new TextEncoder().encode(`value ${counter}`) },
      { kind: 'delete', key: 'gone' },
    ],
  };
}

export function message(updates: readonly Update[]): ReplicateMessage {
  return { from: origin, clock: new Map([[origin, 100]]), unreached: [], offersSnapshot: false, updates };
}

/** The answer of a peer that has everything up to node1:COUNTER. */
export function answerWith(counter: number, refused = 0): ReplicateAnswer {
  return {
    from: 'node2' as ReplicaId,
    clock: new Map([[origin, counter]]),
    received: new Map(),
    refused,
    unreached: [],
  };
}
