import { emptyVector } from '../../src/core/clock/versionVector.js';
import {
  agreeOnMembers,
  checkCounts,
  checkForgotten,
  differences,
  hasSettled,
  hasSpread,
  inMotion,
} from './convergence.js';
import type { VirtualCluster } from './virtualCluster.js';
import { VirtualClients } from './virtualClients.js';
import type { VirtualNode } from './virtualNode.js';

export interface ScheduleOptions {
  readonly actions: number;
  readonly sessions: number;
  /** The longest time between two actions. */
  readonly gapMsMax: number;
  /** How often nodes lose their disk, are removed, leave or join, at the most. */
  readonly upheavals: number;
  /** Probability that an action is one of these. */
  readonly upheavalRate: number;
}

/** From when all agree on who belongs to the cluster, and nothing is lost any more. */
const convergenceMs = 20_000;

/** Until all agree on that: operators give those that go, and those that hear of it, tens of seconds before they step in. */
const agreementMs = 60_000;

/** Long enough to forget all that can be forgotten. */
const quietMs = 12_000;

/** Messages that two nodes without work exchange per second, at the most. */
const idleMessages = 3;

const nodesMax = 9;

const calm = { loss: 0, duplication: 0, delayMsMax: 5 };

/** Lets clients, faults and operators loose on a cluster, as its seed decides; then ends the faults and waits for convergence. */
export function runSchedule(cluster: VirtualCluster, options: ScheduleOptions): void {
  const { random, timeline, oracle, network, happened } = cluster;
  const clients = new VirtualClients(cluster, options.sessions);
  let { actions, upheavals } = options;
  const act = (): void => {
    actions -= 1;
    const isUpheaval = upheavals > 0 && random.chance(options.upheavalRate);
    if (isUpheaval && upheave(cluster)) upheavals -= 1;
    else doSomething(cluster, clients);
    if (actions > 0) timeline.after(random.between(0, options.gapMsMax), act);
  };
  act();
  timeline.runUntil(() => actions === 0, Infinity);
  network.faults = calm;
  spreadPastCuts(cluster);
  network.healAll();
  if (!timeline.runUntil(() => hasSettled(cluster), timeline.nowMs + convergenceMs)) {
    oracle.violations.push('the replicas did not converge', ...differences(cluster));
    return;
  }
  rest(cluster);
  const shown = cluster.staying[0]?.replica.clock ?? emptyVector;
  cluster.survival.checkEnd(shown);
  clients.checkEnd(shown);
  happened.twins += oracle.twins;
  happened.closed +=
    cluster.staying[0]?.replica.membership.facts().filter(({ final }) => final !== null).length ?? 0;
  for (const node of cluster.staying) {
    node.checkAllKeys();
    checkCounts(node, oracle.violations);
  }
}

/** With no loss any more, but some connections still cut, everything gets everywhere by way of other nodes. */
function spreadPastCuts(cluster: VirtualCluster): void {
  const { network, staying, timeline, oracle, random, happened } = cluster;
  if (random.chance(0.2) || !agreeOnMembers(cluster)) network.healAll();
  const needState = happened.truncatedEarly > 0 || happened.joined > 0;
  network.reconnect(
    staying.map(({ name }) => name),
    needState,
  );
  const hadCuts = network.hasCuts;
  const isSpread =
    timeline.runUntil(() => agreeOnMembers(cluster), timeline.nowMs + agreementMs) &&
    timeline.runUntil(() => hasSpread(cluster), timeline.nowMs + convergenceMs);
  if (!isSpread) oracle.violations.push('not everything spread', ...differences(cluster));
  else if (hadCuts) happened.spreadPastCuts += 1;
}

function rest(cluster: VirtualCluster): void {
  const { timeline, happened, staying, oracle } = cluster;
  timeline.runUntil(() => false, timeline.nowMs + quietMs);
  const before = happened.messages;
  timeline.runUntil(() => false, timeline.nowMs + 1000);
  const most = idleMessages * staying.length * (staying.length - 1);
  if (happened.messages - before > most)
    oracle.violations.push(`${happened.messages - before} messages for nothing`);
  checkForgotten(cluster);
}

function doSomething(cluster: VirtualCluster, clients: VirtualClients): void {
  const { random } = cluster;
  const node = random.pick(cluster.nodes);
  if (!node.isUp) return;
  const dice = random.next();
  if (dice < 0.25) clients.writeAlone(node);
  else if (dice < 0.5) clients.writeInSession(node);
  else if (dice < 0.7) clients.readInSession(node);
  else if (dice < 0.78) keepHouse(cluster, node);
  else if (dice < 0.86) cutSomething(cluster, node);
  else if (dice < 0.9) cluster.network.healAll();
  else if (dice < 0.95) cluster.crash(node, random.pick([0, 100, 300, 5000]));
}

function keepHouse({ random }: VirtualCluster, node: VirtualNode): void {
  node.checkpoint();
  if (random.chance(0.5)) node.truncate(random.pick([0, 5, 20, 1000]));
}

function cutSomething({ random, network, nodes }: VirtualCluster, { name }: VirtualNode): void {
  const kind = random.pick(['requests', 'everything'] as const);
  const other = random.pick(nodes).name;
  const shape = random.pick(['one way', 'both ways', 'alone', 'ring'] as const);
  if (shape === 'one way' || shape === 'both ways') network.cut(name, other, kind);
  if (shape === 'both ways') network.cut(other, name, kind);
  if (shape === 'alone') for (const each of nodes) network.cut(name, each.name, kind);
  if (shape !== 'ring') return;
  nodes.forEach((from, index) => {
    const next = nodes[(index + 1) % nodes.length];
    for (const to of nodes) if (to !== next) network.cut(from.name, to.name, 'requests');
  });
}

/** @returns whether there was somebody for it */
function upheave(cluster: VirtualCluster): boolean {
  const { random, operator, nodes } = cluster;
  const kind = random.pick(['disk', 'disk', 'leave', 'remove', 'add'] as const);
  if (kind === 'add') {
    if (nodes.length < nodesMax) cluster.addNode();
    return nodes.length < nodesMax;
  }
  const target = random.pick(nodes);
  const others = cluster.staying.filter((each) => each !== target && each.disk !== undefined);
  // Where most of a cluster is in motion, nothing of what it was may be left.
  if (inMotion(cluster).length * 2 >= cluster.staying.length) return false;
  // One that is down may well be removed for that.
  const mayBe = target.fate === 'stays' && target.disk !== undefined && (target.isUp || kind === 'remove');
  if (others.length === 0 || !mayBe || !operator.isSafeWithout(target)) return false;
  if (kind === 'disk') operator.loseDisk(target);
  if (kind === 'leave') operator.leave(target);
  if (kind === 'remove') operator.condemn(target);
  return true;
}
