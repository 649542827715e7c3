import { formatVector } from '../core/clock/versionVector.js';
import { nodeOf, type NodeName, type ReplicaId } from '../core/ids.js';
import type { ClockJson, DotJson } from '../protocol/api.js';

/** `{node1:1 node2:3}` */
export function formatClock(clock: ClockJson): string {
  return formatVector(new Map(Object.entries(clock) as [ReplicaId, number][]));
}

/** `node1:7` */
export function formatDotJson(dot: DotJson): string {
  return `${dot.node}:${dot.counter}`;
}

/** The node to which a dot belongs: what it was when it lost its data counts as well. */
export function nodeNameOf(dot: DotJson): NodeName {
  return nodeOf(dot.node as ReplicaId);
}
