import { setImmediate } from 'node:timers/promises';
import type { ReplicaId } from '../../../src/core/ids.js';
import { openLmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';

/**
 * Sets the same keys round after round and checkpoints each round, tells which checkpoints are durable, and kills itself
 * within the last, once the given part of the time that the earlier ones took has passed.
 */
const node1 = 'node1' as ReplicaId;
const keys = 200;
const rounds = 40;
const store = await openLmdbKeyStore(process.argv[2] ?? '');
const part = Number(process.argv[3]);

function beginRound(round: number): Promise<void> {
  for (let index = 0; index < keys; index += 1) {
    const dot = { replica: node1, counter: round };
    store.set(`key${index}`, [{ dot, timestamp: round, value: Buffer.from(`round ${round}`) }]);
  }
  const facts = {
    clock: new Map([[node1, round]]),
    timestamp: round,
    liveKeys: keys,
    conflictedKeys: round,
    members: [],
  };
  return store.checkpoint(facts, Promise.resolve());
}

const first = (store.opened.clock.get(node1) ?? 0) + 1;
const durations: number[] = [];
for (let round = first; round < first + rounds; round += 1) {
  const begun = performance.now();
  await beginRound(round);
  durations.push(performance.now() - begun);
  process.send?.(round);
}
const typicalMs = durations.sort((left, right) => left - right)[rounds / 2] ?? 0;
const killAt = performance.now() + typicalMs * part;
void beginRound(first + rounds).then(() => process.send?.(first + rounds));
while (performance.now() < killAt) await setImmediate();
process.kill(process.pid, 'SIGKILL');
