import { setTimeout as pause } from 'node:timers/promises';
import { counterOf } from '../../core/clock/versionVector.js';
import { nodeOf, type NodeName } from '../../core/ids.js';
import type { Member } from '../../core/member.js';
import type {
  LeaveResponseJson,
  MemberJson,
  MembersResponseJson,
  RemoveMemberResponseJson,
} from '../../protocol/membersApi.js';
import { clusterHeader } from '../../protocol/replicateMessage.js';
import { parseRemoveMemberRequest } from '../../protocol/requests.js';
import { parseJoinRequest } from '../../protocol/joinJson.js';
import { limits } from '../../protocol/limits.js';
import { jsonReply, type Exchange, type Reply } from '../exchange.js';
import { peerHandlersOf } from '../../driver/peerHandlers.js';
import type { RunningNode } from '../../driver/runningNode.js';
import { requireOwnCluster } from '../ownCluster.js';

/** How often it is looked whether the others have everything. */
const lookMs = 50;

/** GET /members */
export function members(exchange: Exchange, node: RunningNode): Reply {
  exchange.allowParameters();
  return jsonReply({
    node: node.config.self,
    members: node.replica.membership.facts().map(encodeMember),
  } satisfies MembersResponseJson);
}

/** POST /members/join {replica, address}: from a node without data; answered when its admission is durable here. */
export async function admit(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters();
  requireOwnCluster(exchange.header(clusterHeader), node.config);
  const request = parseJoinRequest(await exchange.json(limits.requestBodyBytesMax));
  await peerHandlersOf(() => node).join(request);
  return jsonReply({ replica: request.replica });
}

/**
 * POST /members/leave: hands the node's data on and leaves. Answered when another node has all of its updates, and every
 * other one too that takes them before the deadline.
 */
export async function leave(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters('timeout_ms');
  const { timeoutMs } = exchange.wait();
  const deadlineMs = node.driver.nowMs() + timeoutMs;
  const dot = await node.driver.changeMembers({ kind: 'leave' }, timeoutMs);
  const others = (): NodeName[] => node.replica.nodesWith(dot).filter((name) => name !== node.config.self);
  // One that cannot be reached gets the data from the others.
  const isAway = (name: NodeName): boolean => node.replica.unreached.includes(name);
  const isDone = (): boolean =>
    node.replica.membership.current.map(nodeOf).every((name) => others().includes(name) || isAway(name));
  while (!isDone() && node.driver.nowMs() < deadlineMs) await pause(lookMs);
  return jsonReply({
    node: node.config.self,
    replica: node.replica.self,
    handed_on_to: others(),
  } satisfies LeaveResponseJson);
}

/** POST /members/remove {node}: for a node that is dead. What only it had is lost. */
export async function removeMember(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters();
  const name = parseRemoveMemberRequest(await exchange.json(limits.requestBodyBytesMax));
  const replicas = node.replica.membership.ofNode(name);
  await node.driver.changeMembers({ kind: 'remove', node: name }, limits.timeoutMsDefault);
  const vectors = [node.replica.durable, ...[...node.replica.links].map(({ acked }) => acked)];
  const held = replicas.map(
    (replica) => [replica, Math.max(...vectors.map((vector) => counterOf(vector, replica)))] as const,
  );
  return jsonReply({
    node: name,
    held: Object.fromEntries(held.filter(([, counter]) => counter > 0)),
  } satisfies RemoveMemberResponseJson);
}

function encodeMember({ replica, leftBy, final }: Member): MemberJson {
  const state = leftBy === null ? 'member' : final === null ? 'leaving' : 'left';
  return { replica, node: nodeOf(replica), state, final };
}
