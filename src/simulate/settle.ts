import { checkHistory } from '../check/checkHistory.js';
import type { Anomaly } from '../check/report.js';
import { formatDot } from '../core/clock/dot.js';
import type { Update } from '../core/update.js';
import type { CausalOracle } from './causalOracle.js';
import type { WriteFacts } from './clientHistory.js';
import { concurrentPairs } from './expectedMerged.js';
import type { Survival } from './survival.js';
import { counterOf, emptyVector } from '../core/clock/versionVector.js';
import type { RunningNode } from '../driver/runningNode.js';
import {
  agreeOnMembers,
  checkCounts,
  differences,
  hasSettled,
  hasSpread,
  keptForEver,
  servingOf,
  stayingOf,
} from './convergence.js';
import { faultless, type NetworkFaults } from './machine/virtualNetwork.js';
import type { SimulatedCluster } from './simulatedCluster.js';
import type { Cluster } from './cluster.js';

/**
 * From when all agree on who belongs to the cluster, and nothing is lost any more. What goes from node to node past cuts may
 * have to be taken as a snapshot at each, which is offered when its origin has been silent there for 3 s.
 */
function convergenceMs(world: Cluster): number {
  return 10_000 + 4000 * stayingOf(world).length;
}

/** Until all agree on that: operators give those that go, and those that hear of it, tens of seconds before they step in. */
const agreementMs = 60_000;

/** In so long all is forgotten that can be; it is looked for that so often. */
const forgettingMs = 12_000;
const lookMs = 500;

/** Messages that two nodes without work exchange per second, at the most. */
const idleMessages = 3;

/** No run fills a log of this size. */
const unboundedLogBytes = 100_000;

/** As long as sessions wait at the end, and a little more. */
const lastLookMs = 1500;

const calm: NetworkFaults = { ...faultless, jitterMs: 5 };

/** After the faults: everything spreads, first past the cuts that are left, and what can be forgotten is. Then all is judged. */
export async function settle(cluster: SimulatedCluster): Promise<void> {
  const { world, clients, history } = cluster;
  const { network, oracle } = world;
  network.faults = calm;
  cluster.endFaults();
  if (!(await spreadPastCuts(world))) return;
  network.healAll();
  if (!(await passes(world, () => isAtRest(world), convergenceMs(world), 'the replicas did not converge')))
    return;
  await rest(world);
  // What had strayed in the network since the faults may have led to something new.
  if (
    !(await passes(
      world,
      () => isAtRest(world),
      convergenceMs(world),
      'the replicas did not stay as they were',
    ))
  )
    return;
  const shown = servingOf(world)[0]?.replica.clock ?? emptyVector;
  world.survival.checkEnd(shown);
  clients.checkEnd(shown, stayingOf(world));
  await run(world, lastLookMs);
  for (const node of stayingOf(world)) node.judge.checkAllKeys();
  for (const running of servingOf(world)) {
    checkCounts(running, oracle.violations);
    for (const key of oracle.keys()) history.sawAtEnd(running.replica.self, key, running.keys.get(key));
  }
  countAtEnd(world);
  if (oracle.violations.length === 0) judgeHistory(cluster);
}

/** All is settled, and no update is on its way to its own disk: a node makes some by itself. */
function isAtRest(world: Cluster): boolean {
  const isFlushed = ({ replica: { self, clock } }: RunningNode): boolean =>
    counterOf(clock, self) === world.oracle.countOf(self);
  return hasSettled(world) && servingOf(world).every(isFlushed);
}

/**
 * Patterns that ask for one order of all writes. A write that was sent to two nodes before either knew of it has the later one
 * of two timestamps once both are there: until then the order is another one.
 */
const arbitrated = ['CyclicCF', 'CyclicTCC'];

/** What clients saw is judged once more, by who knows nothing of what kvc is. */
function judgeHistory({ world, history }: SimulatedCluster): void {
  const { oracle, survival } = world;
  const operations = history.operations((recorded) => factsOf(oracle.updatesOf(recorded), survival));
  for (const { level, verdict, isClaimed, reason, anomaly } of checkHistory(operations).levels) {
    if (!isClaimed || verdict === 'consistent') continue;
    if (anomaly === undefined) {
      oracle.violations.push(`what clients saw cannot be judged for ${level}: ${reason ?? ''}`);
    } else if (!isOfTwins(anomaly, oracle)) {
      oracle.violations.push(
        `what clients saw violates ${level} (${anomaly.pattern}): ${anomaly.explanation}`,
      );
    }
  }
}

/** Whether it is of a kind to which writes lead that were sent more than once, and there are such writes. */
function isOfTwins({ pattern, witness }: Anomaly, oracle: CausalOracle): boolean {
  if (oracle.twins === 0) return false;
  if (arbitrated.includes(pattern)) return true;
  const circular = oracle.circularKeys();
  const accesses = witness.operations.flatMap((operation) => operation.accesses);
  return accesses.some(({ kind, key }) => kind === 'read' && circular.has(key));
}

/** @param updates - all that one write of a client became */
function factsOf(updates: readonly Update[], survival: Survival): WriteFacts {
  const [first] = updates;
  return {
    wid: first === undefined ? undefined : (first.request ?? formatDot(first.dot)),
    isLost: updates.some(({ dot }) => survival.isExcused(dot)),
  };
}

/** With no loss any more, but some connections still cut, everything gets everywhere by way of other nodes. */
async function spreadPastCuts(world: Cluster): Promise<boolean> {
  const { network, happened, config } = world;
  if (!config.spreadsPastCuts || !agreeOnMembers(world)) network.healAll();
  // Also of a log that will only be cut while this spreads.
  const isLogShort = (config.limits.logBytesMax ?? Infinity) < unboundedLogBytes;
  const needsState =
    isLogShort || happened['log truncated'] + happened.incarnation + happened['node joined'] > 0;
  network.reconnect(
    stayingOf(world).map(({ name }) => name),
    needsState,
  );
  if (needsState) healOneWayCuts(world);
  const hadCuts = network.hasCuts;
  const hasPassed =
    (await passes(world, () => agreeOnMembers(world), agreementMs, 'not all agree on the members')) &&
    (await passes(world, () => spreads(world), convergenceMs(world), 'not everything spread'));
  if (hasPassed && hadCuts) happened['spread past cuts'] += 1;
  return hasPassed;
}

/**
 * Whether all has spread. A node may find only now that its log is damaged, and ask to be admitted anew: that takes two
 * members that reach each other, so no cut may stay.
 */
function spreads(world: Cluster): boolean {
  if (world.network.hasCuts && stayingOf(world).some(({ isJoining }) => isJoining)) world.network.healAll();
  return hasSpread(world);
}

/** A node takes a snapshot of who offers one: where that reaches it and cannot be asked in return, it would wait in vain. */
function healOneWayCuts({ network }: Cluster): void {
  for (const { source, target } of network.cuts) {
    const isBothWays = network.cuts.some((cut) => cut.source === target && cut.target === source);
    if (!isBothWays) network.heal(source, target);
  }
}

async function rest(world: Cluster): Promise<void> {
  const { universe, oracle, timeline } = world;
  const untilMs = timeline.nowMs + forgettingMs;
  // What goes wrong ends each run at once, and then no time passes any more.
  do await run(world, lookMs);
  while (oracle.violations.length === 0 && keptForEver(world).length > 0 && timeline.nowMs < untilMs);
  if (oracle.violations.length > 0) return;
  oracle.violations.push(...keptForEver(world));
  const nodes = stayingOf(world).length;
  const most = idleMessages * nodes * (nodes - 1);
  for (let sent = Infinity; sent > most;) {
    if (timeline.nowMs > untilMs) oracle.violations.push(`${sent} messages for nothing`);
    if (oracle.violations.length > 0) return;
    const before = universe.counts.messages;
    await run(world, 1000);
    sent = universe.counts.messages - before;
  }
}

/** Waits for what is to happen. @returns whether it has, and nothing has gone wrong meanwhile */
async function passes(
  world: Cluster,
  condition: () => boolean,
  withinMs: number,
  otherwise: string,
): Promise<boolean> {
  const { timeline, oracle } = world;
  const isWrong = (): boolean => oracle.violations.length > 0;
  const hasPassed = await timeline.runUntil(() => condition() || isWrong(), timeline.nowMs + withinMs);
  if (!hasPassed) oracle.violations.push([otherwise, ...differences(world)].join('\n  '));
  return !isWrong();
}

async function run({ timeline, oracle }: Cluster, ms: number): Promise<void> {
  await timeline.runUntil(() => oracle.violations.length > 0, timeline.nowMs + ms);
}

function countAtEnd(world: Cluster): void {
  const { happened, oracle, universe } = world;
  const { counts } = universe;
  const [first] = servingOf(world);
  happened['retry with a dot of its own'] += oracle.twins;
  for (const key of oracle.keys()) {
    happened['increment lost to a delete'] += concurrentPairs(oracle.writesAt(key), 'increment', 'delete');
    happened['concurrent add and removal'] += concurrentPairs(oracle.writesAt(key), 'add', 'remove');
  }
  happened['end of a history settled'] +=
    first?.replica.membership.facts().filter(({ final }) => final !== null).length ?? 0;
  happened['message lost'] += counts.lost;
  happened['message repeated'] += counts.duplicated;
  happened['message overtaken'] += counts.reordered;
  happened['answer too late'] += counts.late;
  happened['unsynced write lost'] += counts.lostWrites;
  happened['write torn'] += counts.tornWrites;
  happened['unsynced name lost'] += counts.lostNames;
}
