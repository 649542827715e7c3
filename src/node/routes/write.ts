import type { Operation } from '../../core/update.js';
import type { BatchResponseJson, WriteResponseJson } from '../../protocol/api.js';
import { encodeClock, encodeDot } from '../../protocol/clockJson.js';
import { limits } from '../../protocol/limits.js';
import { parseBatchRequest, parseWriteRequest } from '../../protocol/requests.js';
import { encodeValue } from '../../protocol/valueJson.js';
import { jsonReply, type Exchange, type Reply } from '../exchange.js';
import { RequestSession, sessionHeader } from '../requestSession.js';
import type { RunningNode } from '../runningNode.js';

/** POST /write {key, value} */
export async function write(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters('timeout_ms');
  const operation = parseWriteRequest(await exchange.json(limits.requestBodyBytesMax));
  return writeOne(exchange, node, operation);
}

/** POST /batch {writes: [...]}: one update. */
export async function batch(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters('timeout_ms');
  const operations = parseBatchRequest(await exchange.json(limits.requestBodyBytesMax));
  const outcome = await commit(exchange, node, operations);
  const writes = operations.map((operation) => ({ key: operation.key, ...valueOf(operation) }));
  return jsonReply({ writes, ...outcome } satisfies BatchResponseJson, { [sessionHeader]: outcome.session });
}

export async function writeOne(exchange: Exchange, node: RunningNode, operation: Operation): Promise<Reply> {
  const outcome = await commit(exchange, node, [operation]);
  const body = { key: operation.key, ...valueOf(operation), ...outcome } satisfies WriteResponseJson;
  return jsonReply(body, { [sessionHeader]: outcome.session });
}

async function commit(exchange: Exchange, node: RunningNode, operations: readonly Operation[]) {
  const session = new RequestSession(node.config.clusterId, exchange.header(sessionHeader));
  const dot = await node.driver.write(operations, session.context, exchange.wait());
  session.observe(dot);
  return { dot: encodeDot(dot), clock: encodeClock(node.driver.clock), session: session.token() };
}

function valueOf(operation: Operation) {
  return operation.kind === 'put' ? encodeValue(operation.value) : { value: null };
}
