import { formatDot } from '../../src/core/clock/dot.js';
import { emptyVector, withDot, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { Operation } from '../../src/core/update.js';
import { put, remove } from './builders.js';
import type { DotText } from './causalOracle.js';
import type { VirtualCluster } from './virtualCluster.js';
import type { VirtualNode } from './virtualNode.js';

/** A client that moves between replicas with its token. It does one thing at a time. */
interface Session {
  context: VersionVector;
  readonly observed: Set<DotText>;
  busyUntilMs: number;
}

export interface ScheduleOptions {
  readonly actions: number;
  readonly sessions: number;
  readonly crashes: boolean;
}

const keys = ['x', 'y', 'z'];

/** Lets clients and faults loose on a cluster, as its seed decides; then ends the faults and waits for convergence. */
export function runSchedule(cluster: VirtualCluster, options: ScheduleOptions): void {
  const { random, timeline } = cluster;
  const sessions = Array.from({ length: options.sessions }, (): Session => {
    return { context: emptyVector, observed: new Set(), busyUntilMs: 0 };
  });
  let left = options.actions;
  const act = (): void => {
    left -= 1;
    doSomething(cluster, sessions, options.crashes);
    if (left > 0) timeline.after(random.between(0, 30), act);
  };
  act();
  timeline.runUntil(() => left === 0, Infinity);
  cluster.endFaults();
  const boundMs = timeline.nowMs + 20_000;
  if (!timeline.runUntil(() => cluster.hasConverged(), boundMs)) reportDifference(cluster);
  for (const node of cluster.nodes) checkEverything(cluster, node);
}

function doSomething(cluster: VirtualCluster, sessions: readonly Session[], crashes: boolean): void {
  const { random } = cluster;
  const node = random.pick(cluster.nodes);
  if (!node.isUp) return;
  const dice = random.next();
  if (dice < 0.25) writeAlone(cluster, node);
  else if (dice < 0.55) writeInSession(cluster, node, random.pick(sessions));
  else if (dice < 0.8) readInSession(cluster, node, random.pick(sessions));
  else if (dice < 0.85) node.checkpoint();
  else if (dice < 0.9) cluster.cut(node, random.pick(cluster.nodes));
  else if (dice < 0.94) cluster.healAll();
  else if (crashes) cluster.crash(node, random.between(0, 300));
}

function someOperations(cluster: VirtualCluster): Operation[] {
  const { random } = cluster;
  return Array.from({ length: random.between(1, 3) }, () =>
    random.chance(0.2)
      ? remove(random.pick(keys))
      : put(random.pick(keys), String(Math.floor(random.next() * 1_000_000))),
  );
}

function writeAlone(cluster: VirtualCluster, node: VirtualNode): void {
  cluster.write(node, someOperations(cluster), undefined, Infinity, (outcome) => {
    if (outcome.kind === 'written') cluster.oracle.acknowledged(formatDot(outcome.dot));
  });
}

function writeInSession(cluster: VirtualCluster, node: VirtualNode, session: Session): void {
  const deadlineMs = begin(cluster, session);
  if (deadlineMs === undefined) return;
  const seen = { context: session.context, observed: [...session.observed] };
  cluster.write(node, someOperations(cluster), seen, deadlineMs, (outcome) => {
    session.busyUntilMs = 0;
    if (outcome.kind !== 'written') return;
    cluster.oracle.acknowledged(formatDot(outcome.dot));
    session.context = withDot(session.context, outcome.dot);
    session.observed.add(formatDot(outcome.dot));
  });
}

function readInSession(cluster: VirtualCluster, node: VirtualNode, session: Session): void {
  const deadlineMs = begin(cluster, session);
  if (deadlineMs === undefined) return;
  cluster.await(node, session.context, deadlineMs, (outcome) => {
    session.busyUntilMs = 0;
    if (outcome.kind !== 'ready') return;
    cluster.oracle.checkSession(node.view, session.observed);
    const key = cluster.random.pick(keys);
    const versions = node.keys.get(key) ?? [];
    cluster.oracle.checkKey(node.view, key, versions);
    for (const { dot } of versions) {
      session.context = withDot(session.context, dot);
      session.observed.add(formatDot(dot));
    }
  });
}

/** The deadline of a session's next request; undefined while it has one under way. A crash may leave one unanswered. */
function begin(cluster: VirtualCluster, session: Session): number | undefined {
  const { nowMs } = cluster.timeline;
  if (session.busyUntilMs > nowMs) return undefined;
  const deadlineMs = nowMs + cluster.random.between(10, 1000);
  session.busyUntilMs = deadlineMs + 200;
  return deadlineMs;
}

function checkEverything(cluster: VirtualCluster, node: VirtualNode): void {
  const { oracle } = cluster;
  oracle.checkWhole(node.view, oracle.writes.keys());
  for (const key of keys) oracle.checkKey(node.view, key, node.keys.get(key) ?? []);
  const all = [...node.keys.versions.values()];
  const { liveKeys, conflictedKeys } = node.replica.facts();
  if (liveKeys !== all.filter(([winner]) => winner?.value !== null).length) {
    oracle.violations.push(`${node.id} counts ${liveKeys} keys with a value`);
  }
  if (conflictedKeys !== all.filter((versions) => versions.length > 1).length) {
    oracle.violations.push(`${node.id} counts ${conflictedKeys} keys with siblings`);
  }
}

function reportDifference({ nodes, oracle }: VirtualCluster): void {
  for (const { view } of nodes) {
    const missing = [...oracle.writes.keys()].find((dot) => !view.applied.has(dot));
    if (missing !== undefined) oracle.violations.push(`${view.name} never got ${missing}`);
  }
}
