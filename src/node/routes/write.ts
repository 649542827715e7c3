import { mergeVectors, type VersionVector } from '../../core/clock/versionVector.js';
import type { Condition } from '../../core/condition.js';
import { contentsOf } from '../../core/contents.js';
import { isSetOperation, type Operation } from '../../core/update.js';
import { hasCode, type ErrorFacts } from '../../errors.js';
import { keyField, writeText, writtenFields } from '../../protocol/answerText.js';
import type { ConditionFailedJson } from '../../protocol/api.js';
import { operationAt, type ClientOperation } from '../../protocol/clientOperation.js';
import { limits } from '../../protocol/limits.js';
import { parseCondition, parseReplicas } from '../../protocol/queries.js';
import { requestIdOf } from '../../protocol/requestId.js';
import { requestIdHeader } from '../../protocol/requestIdHeader.js';
import { parseBatchRequest, parseWriteRequest } from '../../protocol/requests.js';
import { encodeContent } from '../../protocol/valueJson.js';
import { jsonTextReply, type Exchange, type Reply } from '../exchange.js';
import { RequestSession, sessionHeader } from '../requestSession.js';
import type { RunningNode } from '../../driver/runningNode.js';
import { observe } from './read.js';

/** The query parameters of every write. */
export const writeParameters = ['timeout_ms', 'replicas', 'if_absent', 'if_context'] as const;

/** POST /write {key, value} */
export async function write(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters(...writeParameters);
  const operation = parseWriteRequest(await exchange.json(limits.requestBodyBytesMax));
  return writeOne(exchange, node, operation);
}

/** POST /batch {writes: [...]}: one update. */
export async function batch(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters(...writeParameters);
  const operations = parseBatchRequest(await exchange.json(limits.requestBodyBytesMax));
  return commit(
    exchange,
    node,
    operations,
    (written) => `"writes":[${written.map((fields) => `{${fields}}`).join()}]`,
  );
}

export async function writeOne(
  exchange: Exchange,
  node: RunningNode,
  operation: ClientOperation,
): Promise<Reply> {
  return commit(exchange, node, [operation], ([fields = '']) => fields);
}

/** @param answer - the fields of the answer, made of those of each write */
async function commit(
  exchange: Exchange,
  node: RunningNode,
  requested: readonly ClientOperation[],
  answer: (written: readonly string[]) => string,
): Promise<Reply> {
  const session = new RequestSession(node, exchange.header(sessionHeader));
  const condition = conditionOf(exchange, node);
  const name = exchange.header(requestIdHeader);
  const requestId = name === undefined ? undefined : requestIdOf(name, requested);
  exchange.announce(node.driver.nowMs());
  const operations = requested.map((operation) => operationAt(operation, node.driver.nowMs()));
  try {
    const dot = await node.driver.write(operations, {
      context: withCondition(session.context, condition),
      wait: exchange.wait(),
      requestId,
      replicas: parseReplicas(exchange.parameter('replicas')),
      condition,
    });
    session.observe(dot);
    const written = writtenTexts(operations, node);
    const token = session.token();
    const text = writeText(answer(written), dot, node.driver.clock, token);
    return jsonTextReply(text, { [sessionHeader]: token });
  } catch (error) {
    throw hasCode(error, 'KVC_E_CONDITION_FAILED')
      ? error.with(rivalsOf(error.facts.key, node, session))
      : error;
  }
}

function conditionOf(exchange: Exchange, node: RunningNode): Condition | undefined {
  const { clusterId } = node.config;
  return parseCondition(exchange.parameter('if_absent'), exchange.parameter('if_context'), clusterId);
}

/** What the writer has seen by its condition is what its write replaces, and the node may have to wait for it. */
function withCondition(
  context: VersionVector | undefined,
  condition: Condition | undefined,
): VersionVector | undefined {
  return condition?.kind === 'seen' ? mergeVectors(condition.context, context ?? condition.context) : context;
}

/** What the key holds now, and a token that has seen it. */
function rivalsOf(key: unknown, node: RunningNode, session: RequestSession): ErrorFacts {
  const name = String(key);
  const versions = observe(node, session, name).map(encodeContent);
  return { key: name, versions, session: session.token() } satisfies ConditionFailedJson;
}

/** Characters of an answer from which on no further set is told. */
const answerCharactersMax = 4 * 1024 * 1024;

/** A set is told once, by the last of its changes: an answer that told it with each would be their product. */
function writtenTexts(operations: readonly Operation[], node: RunningNode): string[] {
  const last = new Map(operations.map(({ key }, index) => [key, index]));
  let characters = 0;
  return operations.map((operation, index) => {
    const { key } = operation;
    const isTold =
      !isSetOperation(operation) || (last.get(key) === index && characters < answerCharactersMax);
    const holds = operation.kind === 'put' || operation.kind === 'delete' ? [] : (node.keys.get(key) ?? []);
    const text = isTold ? writtenFields(operation, contentsOf(holds)) : keyField(key);
    characters += text.length;
    return text;
  });
}
