import { emptyVector, type VersionVector } from '../../../src/core/clock/versionVector.js';
import type { ReplicaId } from '../../../src/core/ids.js';
import { Replica } from '../../../src/core/replica.js';
import type { ReplicaState } from '../../../src/core/state.js';
import type { Input } from '../../../src/core/step.js';
import type { Update } from '../../../src/core/update.js';
import { MemoryKeyStore } from '../../../src/storage/memory/memoryKeyStore.js';

export const batchUpdates = 100;
export const keyCount = 10_000;

export function membersOf(count: number): ReplicaId[] {
  return Array.from({ length: count }, (_, index) => `node${index + 1}` as ReplicaId);
}

/** The first of the members, which has nothing yet. */
export function receiverOf(members: readonly ReplicaId[], pendingMax: number): Replica {
  const [self] = members;
  if (self === undefined) throw new RangeError('there is no member');
  return new Replica(
    { self, founders: members, delivery: 'causal', random: Math.random, limits: { pendingMax } },
    memoryState(),
    { clock: emptyVector, timestamp: 0, liveKeys: 0, conflictedKeys: 0, members: [] },
  );
}

/** A message, and a disk that has it at once. */
export function takeIn(replica: Replica, updates: readonly Update[], nowMs: number): void {
  const from = updates[0]?.dot.replica ?? replica.self;
  const effects = replica.step(message(from, updates), nowMs);
  for (const effect of effects) {
    if (effect.kind === 'persist') replica.step({ kind: 'persisted', sequence: effect.sequence }, nowMs);
  }
}

export function message(from: ReplicaId, updates: readonly Update[]): Input {
  const nothingElse = { clock: emptyVector, unreached: [], offersSnapshot: false };
  return { kind: 'receive', message: 1, from, updates, ...nothingElse };
}

/** Processor time of taking all of them in, in seconds. */
export function secondsToTake(
  replica: Replica,
  messages: readonly (readonly Update[])[],
  nowMs: number,
): number {
  const began = process.cpuUsage();
  for (const updates of messages) takeIn(replica, updates, nowMs);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000_000;
}

export function updateOf(
  replica: ReplicaId,
  counter: number,
  dependencies: VersionVector,
  key: string,
): Update {
  const value = new Uint8Array(16);
  return {
    dot: { replica, counter },
    dependencies,
    timestamp: counter * 2048,
    operations: [{ kind: 'put', key, value }],
  };
}

/** A history that counts and keeps nothing: what the log costs is measured elsewhere. */
function memoryState(): ReplicaState {
  const keys = new MemoryKeyStore();
  let appended = 0;
  return {
    keys,
    requests: keys.requests,
    history: { append: () => (appended += 1), conflicts: () => false, start: emptyVector },
  };
}
