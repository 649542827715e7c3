import { counterOf } from '../../core/clock/versionVector.js';
import type { Link } from '../../core/link.js';
import type { PendingUpdate } from '../../core/pendingUpdates.js';
import type { Operation } from '../../core/update.js';
import type {
  ClockResponseJson,
  InspectResponseJson,
  OperationSummaryJson,
  PeerJson,
  PeerStateJson,
  PendingJson,
} from '../../protocol/api.js';
import { encodeClock, encodeDot } from '../../protocol/clockJson.js';
import { encodeValue } from '../../protocol/valueJson.js';
import { jsonReply, type Exchange, type Reply } from '../exchange.js';
import type { RunningNode } from '../runningNode.js';

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
export function inspect(exchange: Exchange, node: RunningNode): Reply {
  exchange.allowParameters();
  const { config, driver, replica, log, keys, transport } = node;
  const nowMs = driver.nowMs();
  const facts = replica.facts();
  const store = keys.stats();
  return jsonReply({
    node: config.self,
    replica: replica.self,
    instance: config.instance,
    cluster: { id: config.clusterId, name: config.clusterName },
    delivery: config.delivery,
    durability: config.dataDir === null ? 'ephemeral' : 'durable',
    now_ms: Math.floor(nowMs),
    clock: encodeClock(replica.clock),
    durable: encodeClock(replica.durable),
    keys: facts.liveKeys,
    conflicts: facts.conflictedKeys,
    pending: oldestPending(node).map((pending) => encodePending(pending, nowMs)),
    pending_total: replica.pending.size,
    waiting_requests: replica.waitingRequests,
    peers: [...replica.links].map((link) => encodePeer(node, link, nowMs)),
    log: log.stats(),
    store: { entries: store.entries, bytes: store.bytes, dirty_keys: keys.dirtyKeys },
    faults: transport.describe().faults,
    clock_skew_ms: replica.skewMs,
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
  if (operation.kind === 'delete') return { key: operation.key, value: null };
  const start = operation.value.subarray(0, valueCharactersShownMax * 4);
  return { key: operation.key, value: encodeValue(start).value.slice(0, valueCharactersShownMax) };
}

function encodePeer(node: RunningNode, link: Link, nowMs: number): PeerJson {
  const { self } = node.replica;
  const queue = node.transport.describe().links.find(({ target }) => target === link.peer);
  return {
    node: link.peer,
    url: node.peerUrls.get(link.peer) ?? '',
    state: stateOf(link, nowMs),
    acked: encodeClock(link.acked),
    unacked: Math.max(0, counterOf(node.replica.durable, self) - counterOf(link.acked, self)),
    in_flight: link.inFlight,
    error: node.driver.shippingError(link.peer) ?? null,
    held: queue?.held ?? 0,
    delayed: queue?.delayed ?? 0,
  };
}

function stateOf(link: Link, nowMs: number): PeerStateJson {
  if (link.isBackingOff(nowMs)) return 'backing-off';
  return link.inFlight > 0 ? 'shipping' : 'idle';
}
