import fc from 'fast-check';
import { timestampMax } from '../../src/core/clock/hybridClock.js';
import type { VersionVector } from '../../src/core/clock/versionVector.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { Operation, Update } from '../../src/core/update.js';
import type { ReplicateMessage } from '../../src/protocol/replicateMessage.js';

const counter = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** Few names, so that vectors overlap, and among them some that objects have anyway. */
export const replicaId = fc.constantFrom(
  ...(['node1', 'node2', 'node10', 'constructor', 'a-b'] as string[] as ReplicaId[]),
);

export const vector: fc.Arbitrary<VersionVector> = fc
  .array(fc.tuple(replicaId, counter), { maxLength: 6 })
  .map((entries) => new Map(entries));

export const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });

export const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, value: bytes }),
  fc.record({ kind: fc.constant('delete' as const), key }),
);

export const update: fc.Arbitrary<Update> = fc
  .record({
    dot: fc.record({ replica: replicaId, counter }),
    dependencies: vector,
    timestamp: fc.integer({ min: 1, max: timestampMax }),
    operations: fc.array(operation, { minLength: 1, maxLength: 4 }),
  })
  .map((made) => ({
    ...made,
    dependencies: new Map([...made.dependencies].filter(([replica]) => replica !== made.dot.replica)),
  }));

export const message: fc.Arbitrary<ReplicateMessage> = fc.record({
  from: replicaId,
  clock: vector,
  updates: fc.uniqueArray(update, {
    maxLength: 4,
    selector: ({ dot }) => `${dot.replica}:${dot.counter}`,
  }),
});
