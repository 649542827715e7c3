import type { ReplicaId } from '../../src/core/ids.js';
import { openLmdbKeyStore } from '../../src/storage/lmdbKeyStore.js';

/** Sets the same keys round after round, checkpoints each round, and says which are durable, until it is killed. */
const node1 = 'node1' as ReplicaId;
const keys = 200;
const store = await openLmdbKeyStore(process.argv[2] ?? '');
const first = (store.opened.clock.get(node1) ?? 0) + 1;
for (let round = first; round < first + 100_000; round += 1) {
  for (let index = 0; index < keys; index += 1) {
    const dot = { replica: node1, counter: round };
    store.set(`key${index}`, [{ dot, timestamp: round, value: Buffer.from(`round ${round}`) }]);
  }
  const facts = { clock: new Map([[node1, round]]), timestamp: round, liveKeys: keys, conflictedKeys: round };
  await store.checkpoint(facts, Promise.resolve());
  process.send?.(round);
}
