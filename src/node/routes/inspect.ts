import { formatDot } from '../../core/clock/dot.js';
import { counterOf } from '../../core/clock/versionVector.js';
import type { Link } from '../../core/link.js';
import type { PendingUpdate } from '../../core/pendingUpdates.js';
import { payloadOf, type Operation } from '../../core/update.js';
import type { ClockResponseJson } from '../../protocol/api.js';
import type {
  InspectResponseJson,
  OperationSummaryJson,
  PeerJson,
  PeerStateJson,
  PendingJson,
} from '../../protocol/inspectApi.js';
import type { LinkTrafficJson } from '../../protocol/faultsApi.js';
import { encodeClock, encodeDot } from '../../protocol/clockJson.js';
import { encodeValue } from '../../protocol/valueJson.js';
import { countersOf } from '../../driver/nodeCounters.js';
import { jsonReply, type Exchange, type Reply } from '../exchange.js';
import type { NodeLinks } from '../nodeLinks.js';
import type { RunningNode } from '../../driver/runningNode.js';

const pendingShownMax = 100;
const operationsShownMax = 8;
const valueCharactersShownMax = 64;

/** GET /clock */
export function clock(exchange: Exchange, node: RunningNode): Reply {
  exchange.allowParameters();
  return jsonReply({
    node: node.config.self,
    clock: encodeClock(node.driver.clock),
  } satisfies ClockResponseJson);
}

/** GET /inspect */
export function inspect(
  exchange: Exchange,
  node: RunningNode,
  { transport, peers: peerUrls }: NodeLinks,
): Reply {
  exchange.allowParameters();
  const { config, driver, replica, log, keys } = node;
  const nowMs = driver.nowMs();
  const facts = replica.facts();
  const store = keys.stats();
  const { faults, links } = transport.describe();
  const traffic = new Map(links.map((link) => [link.target, link]));
  const peers = [...replica.links].map((link) => ({
    ...encodePeer(node, link, traffic.get(link.peer), nowMs),
    url: peerUrls.urls.get(link.peer) ?? '',
  }));
  return jsonReply({
    node: config.self,
    replica: replica.self,
    instance: config.instance,
    cluster: { id: config.clusterId, name: config.clusterName },
    delivery: config.delivery,
    durability: config.dataDir === null ? 'ephemeral' : 'durable',
    now_ms: Math.floor(nowMs),
    clock: encodeClock(replica.shownClock),
    durable: encodeClock(replica.shownDurable),
    stable: encodeClock(replica.shown(replica.stable)),
    held_back_by: heldBackBy(peers),
    leaving: replica.membership.unsettled.map((member) => member.replica),
    unreached: replica.unreached,
    keys: facts.liveKeys,
    conflicts: facts.conflictedKeys,
    pending: oldestPending(node).map((pending) => encodePending(pending, nowMs)),
    pending_total: replica.pending.size,
    waiting_requests: replica.waitingRequests,
    peers,
    log: { ...log.stats(), bytes_max: node.limits.logBytesMax },
    store: {
      entries: keys.size,
      bytes: store.bytes,
      used_bytes: store.usedBytes,
      dirty_keys: keys.dirtyKeys,
      request_ids: keys.requests.size,
    },
    counters: countersOf(node),
    disk_full: driver.isDiskFull,
    faults,
    clock_skew_ms: Math.floor(replica.skewMs),
  } satisfies InspectResponseJson);
}

function oldestPending(node: RunningNode): PendingUpdate[] {
  const oldest = [];
  for (const pending of node.replica.pending.values()) {
    if (oldest.length === pendingShownMax) break;
    oldest.push(pending);
  }
  return oldest;
}

function encodePending({ update, missing, sinceMs }: PendingUpdate, nowMs: number): PendingJson {
  return {
    dot: encodeDot(update.dot),
    operations: update.operations.slice(0, operationsShownMax).map(summarize),
    dependencies: encodeClock(update.dependencies),
    missing: encodeDot(missing),
    since_ms: Math.floor(sinceMs),
    waiting_ms: Math.floor(nowMs - sinceMs),
  };
}

function summarize(operation: Operation): OperationSummaryJson {
  const { key, kind } = operation;
  const start = payloadOf(operation).subarray(0, valueCharactersShownMax * 4);
  const value = encodeValue(start).value.slice(0, valueCharactersShownMax);
  switch (kind) {
    case 'put':
      return { key, value };
    case 'delete':
      return { key, value: null };
    case 'increment':
      return { key, value: String(operation.amount), change: kind };
    case 'expire':
      return { key, value: formatDot(operation.dot), change: kind };
    case 'add':
    case 'remove':
      return { key, value, change: kind };
  }
}

function encodePeer(
  node: RunningNode,
  link: Link,
  traffic: LinkTrafficJson | undefined,
  nowMs: number,
): Omit<PeerJson, 'url'> {
  const { self } = node.replica;
  return {
    node: link.peer,
    state: stateOf(link, nowMs),
    acked: encodeClock(node.replica.shown(link.acked)),
    unacked: Math.max(0, counterOf(node.replica.durable, self) - counterOf(link.acked, self)),
    in_flight: link.inFlight,
    behind: behindBy(node, link),
    error: node.driver.shippingError(link.peer) ?? null,
    held: traffic?.held ?? 0,
    delayed: traffic?.delayed ?? 0,
  };
}

/** Updates that are here and that the peer has not acknowledged. */
function behindBy({ replica }: RunningNode, { acked }: Link): number {
  let behind = 0;
  const vector = replica.membership.withFinals(acked);
  for (const [origin, counter] of replica.durable) behind += Math.max(0, counter - counterOf(vector, origin));
  return behind;
}

/** The peer that lacks most of what is here. */
function heldBackBy(peers: readonly PeerJson[]): string | null {
  const [most] = [...peers].sort((left, right) => right.behind - left.behind);
  return most === undefined || most.behind === 0 ? null : most.node;
}

function stateOf(link: Link, nowMs: number): PeerStateJson {
  if (link.isBackingOff(nowMs)) return 'backing-off';
  return link.inFlight > 0 ? 'shipping' : 'idle';
}
