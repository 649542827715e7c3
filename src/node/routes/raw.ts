import { KvcError } from '../../errors.js';
import { clockText } from '../../protocol/clockJson.js';
import { parseKey } from '../../protocol/keys.js';
import { limits } from '../../protocol/limits.js';
import { parseTtlQuery } from '../../protocol/queries.js';
import { jsonReply, type Exchange, type Reply } from '../exchange.js';
import { sessionHeader } from '../requestSession.js';
import type { RunningNode } from '../../driver/runningNode.js';
import { bytesOf, notFound, observe, reach } from './read.js';
import { writeOne, writeParameters } from './write.js';

export const rawPrefix = '/kv/';

/** GET /kv/KEY: the value's bytes; the facts are in headers. */
export async function getRaw(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters('timeout_ms');
  const key = keyOfPath(exchange.path);
  const session = await reach(exchange, node);
  const contents = observe(node, session, key);
  const [winner] = contents;
  const headers = { [sessionHeader]: session.token(), 'kvc-clock': clockText(node.driver.clock) };
  const body = bytesOf(winner);
  if (winner === undefined || body === null) return jsonReply(notFound(key), headers, 404);
  const { replica, counter } = winner.dot;
  return {
    status: 200,
    contentType: 'application/octet-stream',
    body,
    headers: {
      ...headers,
      'kvc-dot': `${replica}:${counter}`,
      'kvc-siblings': String(contents.length - 1),
    },
  };
}

/** PUT /kv/KEY: the body is the value. */
export async function putRaw(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters(...writeParameters, 'ttl_ms');
  const key = keyOfPath(exchange.path);
  const value = await exchange.bytes(limits.valueBytesMax, 'KVC_E_VALUE_TOO_LARGE');
  const ttlMs = parseTtlQuery(exchange.parameter('ttl_ms'));
  return writeOne(exchange, node, { kind: 'put', key, value, ...(ttlMs === undefined ? {} : { ttlMs }) });
}

/** DELETE /kv/KEY */
export async function deleteRaw(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters(...writeParameters);
  return writeOne(exchange, node, { kind: 'delete', key: keyOfPath(exchange.path) });
}

function keyOfPath(path: string): string {
  try {
    return parseKey(decodeURIComponent(path.slice(rawPrefix.length)));
  } catch (error) {
    if (error instanceof KvcError) throw error;
    throw new KvcError(
      'KVC_E_KEY_INVALID',
      'the key in the path is no valid percent-encoded UTF-8',
      {},
      { cause: error },
    );
  }
}
