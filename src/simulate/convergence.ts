import { formatDot } from '../core/clock/dot.js';
import { formatVector, sameVector } from '../core/clock/versionVector.js';
import { contentsOf, isLive } from '../core/contents.js';
import type { Replica } from '../core/replica.js';
import { isTombstone, type Versions } from '../core/versions.js';
import type { RunningNode } from '../driver/runningNode.js';
import type { SimulatedNode } from './simulatedNode.js';
import type { Cluster } from './cluster.js';

type Nodes = Pick<Cluster, 'nodes'>;

/** The nodes that belong to the cluster, or will as soon as they have joined. */
export function stayingOf({ nodes }: Nodes): SimulatedNode[] {
  return nodes.filter(({ fate }) => fate === 'stays');
}

/** Everything that any replica shows is shown by all, and nobody is on the way into the cluster or out of it. */
export function hasSpread(world: Nodes): boolean {
  if (!agreeOnMembers(world)) return false;
  const [first, ...others] = servingOf(world);
  return (
    first !== undefined &&
    [first, ...others].every(({ replica }) => replica.pending.size === 0) &&
    others.every(({ replica }) => sameVector(replica.clock, first.replica.clock))
  );
}

/** Nobody is on the way into the cluster or out of it, as far as each of its nodes knows. */
export function agreeOnMembers(world: Nodes): boolean {
  if (world.nodes.some(({ fate }) => fate === 'leaves' || fate === 'condemned')) return false;
  const serving = servingOf(world);
  if (serving.length < stayingOf(world).length) return false;
  const members = serving
    .map(({ replica }) => replica.self)
    .sort()
    .join();
  return serving.every(({ replica }) => replica.membership.current.join() === members);
}

/** Nodes that are on the way into the cluster or out of it, as far as any node knows. */
export function inMotion(world: Nodes): SimulatedNode[] {
  const serving = servingOf(world);
  const isKnown = ({ judge: { self } }: SimulatedNode): boolean =>
    self !== undefined && serving.every(({ replica }) => replica.membership.isMember(self));
  return world.nodes.filter((node) => node.fate !== 'gone' && (node.fate !== 'stays' || !isKnown(node)));
}

/** All that has spread is durable everywhere, and what became of those who left is settled and can be forgotten. */
export function hasSettled(world: Nodes): boolean {
  return hasSpread(world) && servingOf(world).every(({ replica }) => isSettled(replica));
}

/** Why a cluster has not spread and settled everything. */
export function differences({ nodes, network }: Pick<Cluster, 'nodes' | 'network'>): string[] {
  const cuts = network.cuts.map(({ source, target, kind }) => `${source} > ${target} ${kind}`);
  const texts = nodes.filter(({ fate }) => fate !== 'gone').map(differenceOf);
  return [...(cuts.length === 0 ? [] : [`cut: ${cuts.join(', ')}`]), ...texts];
}

/** What is kept although nobody can miss it: after a time without writes there is nothing. */
export function keptForEver(world: Nodes): string[] {
  const kept = servingOf(world).flatMap(({ replica, keys }) => [
    ...keys
      .scan(everything)
      .filter(({ versions }) => versions.some((version) => isTombstone(version)) && !hasValueBehind(versions))
      .map(({ key }) => `${replica.self} keeps a tombstone at ${key} for ever`),
    ...(keys.requests.size > 0 ? [`${replica.self} keeps ${keys.requests.size} request ids for ever`] : []),
  ]);
  const held = new Set(
    servingOf(world).map(({ keys }) =>
      keys
        .scan(everything)
        .map(({ key }) => key)
        .join(),
    ),
  );
  return held.size < 2 ? kept : [...kept, `the replicas hold different keys: ${[...held].join(' / ')}`];
}

/** A tombstone that wins over a concurrent value stays until a write has seen both. */
function hasValueBehind(versions: Versions): boolean {
  const last = versions.at(-1);
  return last?.kind === undefined && last?.value !== null;
}

/** The counts that a replica keeps are those of its keys. */
export function checkCounts({ replica, keys }: RunningNode, violations: string[]): void {
  const all = keys.scan(everything).map(({ versions }) => versions);
  const { liveKeys, conflictedKeys } = replica.facts();
  if (liveKeys !== all.filter((versions) => isLive(contentsOf(versions)[0])).length) {
    violations.push(`${replica.self} counts ${liveKeys} keys with a value`);
  }
  if (conflictedKeys !== all.filter((versions) => contentsOf(versions).length > 1).length) {
    violations.push(`${replica.self} counts ${conflictedKeys} keys with siblings`);
  }
}

/** Those that stay and can be asked now. */
export function servingOf(world: Nodes): RunningNode[] {
  return stayingOf(world).flatMap(({ serving }) => serving ?? []);
}

/** More keys than a run has. */
const everything = { prefix: '', limit: 1000 };

function isSettled({ membership, clock, durable, shownClock }: Replica): boolean {
  return (
    membership.unsettled.length === 0 &&
    sameVector(clock, durable) &&
    [...shownClock.keys()].every((each) => membership.isMember(each))
  );
}

function differenceOf({ name, judge, fate, isUp, serving }: SimulatedNode): string {
  const who = `${judge.self ?? name} (${fate})`;
  if (serving === undefined) return `${who} ${isUp ? 'does not serve' : 'is down'}`;
  const { clock, pending, membership, durable, shownClock } = serving.replica;
  const waiting = [...pending.values()].map(
    ({ update, missing }) => `${formatDot(update.dot)} for ${formatDot(missing)}`,
  );
  const unsettled = membership.unsettled.map(({ replica }) => replica);
  return [
    `${who} shows ${formatVector(clock)}, durable ${formatVector(durable)}, members ${membership.current.join()}`,
    `unsettled ${unsettled.join()}, pending ${waiting.join()}, shown ${formatVector(shownClock)}`,
  ].join(', ');
}
