import fc from 'fast-check';
import type { Dot } from '../../src/core/clock/dot.js';
import { timestampMax } from '../../src/core/clock/hybridClock.js';
import type { VersionVector } from '../../src/core/clock/versionVector.js';
import type { NodeName, ReplicaId } from '../../src/core/ids.js';
import type { Member } from '../../src/core/member.js';
import type { MemberChange, Operation, Update } from '../../src/core/update.js';
import type { ReplicateMessage } from '../../src/protocol/replicateMessage.js';
import type { SnapshotPosition } from '../../src/protocol/snapshotPosition.js';

const counter = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** Few names, so that vectors overlap, and among them some that objects have anyway. */
export const replicaId = fc.constantFrom(
  ...(['node1', 'node2', 'node10', 'constructor', 'a-b'] as string[] as ReplicaId[]),
);

export const vector: fc.Arbitrary<VersionVector> = fc
  .array(fc.tuple(replicaId, counter), { maxLength: 6 })
  .map((entries) => new Map(entries));

export const dot: fc.Arbitrary<Dot> = fc.record({ replica: replicaId, counter });

export const dots = fc.array(dot, { minLength: 1, maxLength: 3 });

export const requestId = fc.stringMatching(/^[0-9]{13}-[A-Za-z0-9_-]{1,64}\.[0-9a-f]{16}$/);

/** What is known of some replicas, sorted by id. */
export const members: fc.Arbitrary<Member[]> = fc
  .uniqueArray(
    fc.record({
      replica: replicaId,
      address: fc.option(fc.constantFrom('', '127.0.0.1:7101')),
      leftBy: fc.option(dot),
      final: fc.option(fc.maxSafeNat()),
      closedBy: fc.option(dot),
    }),
    { maxLength: 4, selector: ({ replica }) => replica },
  )
  .map((unsorted) => unsorted.sort((left, right) => (left.replica < right.replica ? -1 : 1)));

export const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });

export const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, value: bytes }),
  fc.record({
    kind: fc.constant('put' as const),
    key,
    value: bytes,
    expiresMs: fc.integer({ min: 1, max: timestampMax }),
  }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({
    kind: fc.constant('increment' as const),
    key,
    amount: fc.maxSafeInteger().map((any) => any || 1),
  }),
  fc.record({ kind: fc.constantFrom('add' as const, 'remove' as const), key, member: bytes }),
  fc.record({ kind: fc.constant('expire' as const), key, dot }),
);

const request = fc
  .tuple(
    fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }),
    fc.nat(),
    fc.bigInt(0n, 2n ** 64n - 1n),
  )
  .map(([ms, rest, content]) => `${ms}-${rest}.${content.toString(16).padStart(16, '0')}`);

const memberChange: fc.Arbitrary<MemberChange> = fc.oneof(
  fc.record({
    kind: fc.constant('join' as const),
    replica: replicaId,
    address: fc.constantFrom('', '127.0.0.1:7104'),
  }),
  fc.record({ kind: fc.constant('leave' as const), replica: replicaId }),
  fc.record({ kind: fc.constant('close' as const), replica: replicaId, counter: fc.nat() }),
);

export const update: fc.Arbitrary<Update> = fc
  .record({
    dot: fc.record({ replica: replicaId, counter }),
    dependencies: vector,
    timestamp: fc.integer({ min: 1, max: timestampMax }),
    operations: fc.array(operation, { minLength: 1, maxLength: 4 }),
    extra: fc.oneof(
      fc.constant({}),
      fc.record({ request }),
      fc.record({ memberChanges: fc.array(memberChange, { minLength: 1, maxLength: 3 }) }),
    ),
  })
  .map(({ extra, ...made }) => ({
    ...made,
    ...extra,
    // A change of members comes alone.
    operations: 'memberChanges' in extra ? [] : made.operations,
    dependencies: new Map([...made.dependencies].filter(([replica]) => replica !== made.dot.replica)),
  }));

export const message: fc.Arbitrary<ReplicateMessage> = fc.record({
  from: replicaId,
  clock: vector,
  unreached: fc.array(
    fc.constantFrom('node1', 'node2', 'a-b').map((name) => name as NodeName),
    {
      maxLength: 3,
    },
  ),
  offersSnapshot: fc.boolean(),
  updates: fc.uniqueArray(update, {
    maxLength: 4,
    selector: ({ dot }) => `${dot.replica}:${dot.counter}`,
  }),
});

export const position: fc.Arbitrary<SnapshotPosition> = fc.oneof(
  key.map((text) => `k${text}` as const),
  requestId.map((id) => `r${id}` as const),
);
