import fc from 'fast-check';
import { formatDot, type Dot } from '../../src/core/clock/dot.js';
import {
  containsDot,
  mergeVectors,
  withDot,
  type VersionVector,
} from '../../src/core/clock/versionVector.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { RequestId, Update } from '../../src/core/update.js';
import type { Versions } from '../../src/core/versions.js';
import { id } from './builders.js';
import { specifiedAt } from './mergingSpecification.js';

/* Random histories of updates of several replicas, parts of them that a replica can have delivered, and what those leave. */

/** What one replica holds. */
export interface State {
  readonly clock: VersionVector;
  readonly keys: ReadonlyMap<string, Versions>;
  readonly requests: ReadonlyMap<RequestId, readonly Dot[]>;
}

const replicas = ['a', 'b', 'c', 'd'].map(id);
export const allKeys = ['x', 'y', 'z'];

/** One step of a history: a replica writes, or gets what another one has delivered. */
interface Step {
  readonly replica: number;
  readonly kind: 'put' | 'delete' | 'retry' | 'hear';
  /** Which keys, as bits. */
  readonly keys: number;
  /** Which other replica, or which earlier update. */
  readonly other: number;
  readonly lateness: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  replica: fc.nat(replicas.length - 1),
  kind: fc.constantFrom('put', 'put', 'delete', 'retry', 'hear', 'hear'),
  keys: fc.integer({ min: 1, max: 7 }),
  other: fc.nat(50),
  lateness: fc.nat(3),
});

/** Every replica writes with all that it has delivered as dependencies, and hears all that another one has delivered. */
export function historyOf(steps: readonly Step[], withRequests: boolean): Update[] {
  const updates: Update[] = [];
  const clocks = new Map<ReplicaId, VersionVector>(replicas.map((replica) => [replica, new Map()]));
  const clockOf = (replica: ReplicaId): VersionVector => clocks.get(replica) ?? new Map();
  for (const { replica: index, kind, keys, other, lateness } of steps) {
    const replica = replicas[index]!;
    const clock = clockOf(replica);
    if (kind === 'hear') {
      clocks.set(replica, mergeVectors(clock, clockOf(replicas[other % replicas.length]!)));
      continue;
    }
    const seen = updates.filter((update) => containsDot(clock, update.dot));
    const counter = (clock.get(replica) ?? 0) + 1;
    const written: Update = {
      dot: { replica, counter },
      dependencies: new Map([...clock].filter(([origin]) => origin !== replica)),
      timestamp: Math.max(0, ...seen.map(({ timestamp }) => timestamp)) + 1 + lateness,
      operations: allKeys
        .filter((_, bit) => (keys & (1 << bit)) !== 0)
        .map((key) => (kind === 'delete' ? { kind, key } : { kind: 'put', key, value: Uint8Array.of(keys) })),
      ...(withRequests ? { request: requestId(updates.length, replica) } : {}),
    };
    const repeated = kind === 'retry' ? updates[other % (updates.length + 1)] : undefined;
    const isKnown = seen.some(({ request }) => request === repeated?.request);
    if (repeated?.request === undefined || isKnown) updates.push(written);
    else updates.push({ ...written, operations: repeated.operations, request: repeated.request });
    clocks.set(replica, withDot(clock, written.dot));
  }
  return updates;
}

function requestId(index: number, replica: ReplicaId): RequestId {
  return `${1_700_000_000_000 + index}-${replica}.0123456789abcdef`;
}

/** The chosen updates and all that they depend on. */
export function closureOf(updates: readonly Update[], chosen: readonly number[]): Update[] {
  let clock: VersionVector = new Map();
  for (const index of chosen) {
    const update = updates[index % Math.max(1, updates.length)];
    if (update !== undefined) clock = withDot(mergeVectors(clock, update.dependencies), update.dot);
  }
  return updates.filter(({ dot }) => containsDot(clock, dot));
}

/** An order in which a replica could have delivered the updates, other ones first where that is possible. */
export function inOtherOrder(updates: readonly Update[], order: readonly number[]): Update[] {
  const left = [...updates];
  const ordered: Update[] = [];
  let clock: VersionVector = new Map();
  while (left.length > 0) {
    const ready = left.filter(
      ({ dot, dependencies }) =>
        dot.counter === (clock.get(dot.replica) ?? 0) + 1 &&
        [...dependencies].every(([replica, counter]) => containsDot(clock, { replica, counter })),
    );
    const next = ready[(order[ordered.length % order.length] ?? 0) % ready.length]!;
    ordered.push(next);
    left.splice(left.indexOf(next), 1);
    clock = withDot(clock, next.dot);
  }
  return ordered;
}

export function clockOf(updates: readonly Update[]): VersionVector {
  return updates.reduce<VersionVector>((clock, { dot }) => withDot(clock, dot), new Map());
}

/** What updates leave, by the specification. */
export function specified(updates: readonly Update[]): State {
  const requests = new Map<RequestId, Dot[]>();
  for (const { request = '', dot } of updates) requests.set(request, [...(requests.get(request) ?? []), dot]);
  for (const dots of requests.values()) dots.sort(byDot);
  const keys = new Map<string, Versions>();
  for (const key of allKeys) {
    const versions = specifiedAt(updates, key);
    if (versions.length > 0) keys.set(key, versions);
  }
  return { clock: clockOf(updates), keys, requests };
}

export function byDot(left: Dot, right: Dot): number {
  return formatDot(left) < formatDot(right) ? -1 : 1;
}

export const someUpdates = fc.array(fc.nat(100), { maxLength: 4 });
export const order = fc.array(fc.nat(5), { minLength: 1, maxLength: 20 });
export const history = fc.array(step, { minLength: 1, maxLength: 40 });

/** Causally closed parts of one history. */
export function parts(count: number): fc.Arbitrary<Update[][]> {
  return fc
    .tuple(history, fc.array(someUpdates, { minLength: count, maxLength: count }))
    .map(([steps, chosen]) => {
      const updates = historyOf(steps, true);
      return chosen.map((indexes) => closureOf(updates, indexes));
    });
}
