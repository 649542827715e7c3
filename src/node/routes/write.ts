import type { Operation } from '../../core/update.js';
import { operationFields, writeText } from '../../protocol/answerText.js';
import { limits } from '../../protocol/limits.js';
import { parseReplicas } from '../../protocol/queries.js';
import { requestIdHeader, requestIdOf } from '../../protocol/requestId.js';
import { parseBatchRequest, parseWriteRequest } from '../../protocol/requests.js';
import { jsonTextReply, type Exchange, type Reply } from '../exchange.js';
import { RequestSession, sessionHeader } from '../requestSession.js';
import type { RunningNode } from '../../driver/runningNode.js';

/** POST /write {key, value} */
export async function write(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters('timeout_ms', 'replicas');
  const operation = parseWriteRequest(await exchange.json(limits.requestBodyBytesMax));
  return writeOne(exchange, node, operation);
}

/** POST /batch {writes: [...]}: one update. */
export async function batch(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters('timeout_ms', 'replicas');
  const operations = parseBatchRequest(await exchange.json(limits.requestBodyBytesMax));
  const writes = operations.map((operation) => `{${operationFields(operation)}}`);
  return commit(exchange, node, operations, `"writes":[${writes.join()}]`);
}

export async function writeOne(exchange: Exchange, node: RunningNode, operation: Operation): Promise<Reply> {
  return commit(exchange, node, [operation], operationFields(operation));
}

/** @param fields - of the answer: what was written */
async function commit(
  exchange: Exchange,
  node: RunningNode,
  operations: readonly Operation[],
  fields: string,
): Promise<Reply> {
  const session = new RequestSession(node, exchange.header(sessionHeader));
  const name = exchange.header(requestIdHeader);
  const dot = await node.driver.write(operations, {
    context: session.context,
    wait: exchange.wait(),
    requestId: name === undefined ? undefined : requestIdOf(name, operations),
    replicas: parseReplicas(exchange.parameter('replicas')),
  });
  session.observe(dot);
  const token = session.token();
  return jsonTextReply(writeText(fields, dot, node.driver.clock, token), { [sessionHeader]: token });
}
