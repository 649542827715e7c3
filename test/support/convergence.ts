import { sameVector, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { VirtualCluster } from './virtualCluster.js';
import type { VirtualNode } from './virtualNode.js';

/** Everything that any replica shows is shown by all, and nobody is on the way into the cluster or out of it. */
export function hasSpread(cluster: VirtualCluster): boolean {
  const [first, ...others] = cluster.staying;
  return (
    first !== undefined &&
    agreeOnMembers(cluster) &&
    cluster.staying.every(({ replica }) => replica.pending.size === 0) &&
    others.every(({ replica }) => sameVector(replica.clock, first.replica.clock))
  );
}

/** Nobody is on the way into the cluster or out of it, as far as each of its nodes knows. */
export function agreeOnMembers({ nodes, staying }: VirtualCluster): boolean {
  if (nodes.some(({ fate }) => fate === 'leaves' || fate === 'condemned')) return false;
  return staying.every((node) => node.isUp && knowsExactly(node, staying));
}

/** Nodes that are on the way into the cluster or out of it, as far as any node knows. */
export function inMotion({ nodes, staying }: VirtualCluster): VirtualNode[] {
  const up = staying.filter(({ isUp }) => isUp);
  const isKnown = (node: VirtualNode): boolean =>
    up.every(({ replica }) => replica.membership.isMember(node.self));
  return nodes.filter((node) => node.fate !== 'gone' && (node.fate !== 'stays' || !isKnown(node)));
}

/** All that has spread is durable everywhere, and what became of those who left is settled and can be forgotten. */
export function hasSettled(cluster: VirtualCluster): boolean {
  return hasSpread(cluster) && cluster.staying.every(isSettled);
}

/** Why a cluster has not spread and settled everything. */
export function differences(cluster: VirtualCluster): string[] {
  const texts = cluster.nodes
    .filter(({ fate }) => fate !== 'gone')
    .map((node) => {
      const { name, self, fate, isUp } = node;
      if (!isUp) return `${name} (${fate}) is down`;
      const { clock, pending, membership, durable } = node.replica;
      const waiting = [...pending.values()].map(
        ({ update, missing }) => `${text(update.dot)} for ${text(missing)}`,
      );
      const unsettled = membership.unsettled.map(({ replica }) => replica);
      return [
        `${self} (${fate}) shows ${entries(clock)}, durable ${entries(durable)}, members ${membership.current.join()}`,
        `unsettled ${unsettled.join()}, pending ${waiting.join()}, shown ${entries(node.replica.shownClock)}`,
      ].join(', ');
    });
  return [`cut: ${String(cluster.network)}`, ...texts];
}

/** After a time without writes nothing is kept that nobody can miss, and nothing is sent but to see that all is well. */
export function checkForgotten({ staying, oracle }: VirtualCluster): void {
  const held = staying.map(({ keys }) => [...keys.versions.keys()].sort().join());
  if (new Set(held).size > 1) oracle.violations.push(`the replicas hold different keys: ${held.join(' / ')}`);
  for (const { self, keys, requests } of staying) {
    for (const [key, versions] of keys.versions) {
      if (versions.at(-1)?.value === null)
        oracle.violations.push(`${self} keeps a tombstone at ${key} for ever`);
    }
    if (requests.size > 0) oracle.violations.push(`${self} keeps ${requests.size} request ids for ever`);
  }
}

/** The counts that a replica keeps are those of its keys. */
export function checkCounts({ self, keys, replica }: VirtualNode, violations: string[]): void {
  const all = [...keys.versions.values()];
  const { liveKeys, conflictedKeys } = replica.facts();
  if (liveKeys !== all.filter(([winner]) => winner?.value !== null).length) {
    violations.push(`${self} counts ${liveKeys} keys with a value`);
  }
  if (conflictedKeys !== all.filter((versions) => versions.length > 1).length) {
    violations.push(`${self} counts ${conflictedKeys} keys with siblings`);
  }
}

function isSettled({ replica }: VirtualNode): boolean {
  const { membership, clock, durable, shownClock } = replica;
  return (
    membership.unsettled.length === 0 &&
    sameVector(clock, durable) &&
    [...shownClock.keys()].every((each) => membership.isMember(each))
  );
}

function knowsExactly({ replica }: VirtualNode, members: readonly VirtualNode[]): boolean {
  const expected = members.map(({ self }) => self).sort();
  return replica.membership.current.join() === expected.join();
}

function text({ replica, counter }: { replica: string; counter: number }): string {
  return `${replica}:${counter}`;
}

function entries(vector: VersionVector): string {
  return `{${[...vector].sort().join(' ')}}`;
}
