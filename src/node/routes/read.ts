import { emptyVector } from '../../core/clock/versionVector.js';
import { contentsOf, isLive, type Content } from '../../core/contents.js';
import { observedDots } from '../../core/versions.js';
import { entryFields, readText } from '../../protocol/answerText.js';
import type { KeyJson, KeysResponseJson } from '../../protocol/api.js';
import { encodeClock, encodeDot } from '../../protocol/clockJson.js';
import { parseKey } from '../../protocol/keys.js';
import { limits } from '../../protocol/limits.js';
import { keysCursor, parseKeysQuery } from '../../protocol/queries.js';
import { parseReadManyRequest } from '../../protocol/requests.js';
import { contentFields } from '../../protocol/valueJson.js';
import { jsonReply, jsonTextReply, type Exchange, type Reply } from '../exchange.js';
import { RequestSession, sessionHeader } from '../requestSession.js';
import type { RunningNode } from '../../driver/runningNode.js';

/** Entries of the store, tombstones included, that one page of keys may look at, and at a time. */
const entriesLookedAtMax = 16_384;
const entriesPerLook = 256;

/** GET /read?key=K */
export async function read(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters('key', 'timeout_ms');
  const key = parseKey(exchange.parameter('key'));
  const session = await reach(exchange, node);
  const contents = observe(node, session, key);
  const token = session.token();
  const headers = { [sessionHeader]: token };
  if (exchange.prefersPlainText()) return plainReply(key, contents[0], headers);
  const entry = entryFields(key, contents);
  if (isLive(contents[0])) {
    return jsonTextReply(readText(entry, node.driver.clock, token), headers);
  }
  const { error } = notFound(key);
  const fields = `"error":${JSON.stringify(error)},${entry}`;
  return jsonTextReply(readText(fields, node.driver.clock, token), headers, 404);
}

/** POST /read {keys: [...]}: all of one instant, for nothing is delivered between one key and the next. */
export async function readMany(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters('timeout_ms');
  const keys = parseReadManyRequest(await exchange.json(limits.requestBodyBytesMax));
  const session = await reach(exchange, node);
  const entries = keys.map((key) => `{${entryFields(key, observe(node, session, key))}}`);
  const token = session.token();
  const body = readText(`"entries":[${entries.join()}]`, node.driver.clock, token);
  return jsonTextReply(body, { [sessionHeader]: token });
}

/** GET /keys?prefix=&limit=&cursor= */
export async function keys(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters('prefix', 'limit', 'cursor', 'timeout_ms');
  const { prefix, limit, after } = parseKeysQuery(exchange.query);
  const session = await reach(exchange, node);
  const page = livePage(node, prefix, limit, after);
  for (const { key } of page.keys) observe(node, session, key);
  const token = session.token();
  const body = {
    keys: page.keys,
    cursor: page.last === undefined ? null : keysCursor(page.last),
    clock: encodeClock(node.driver.clock),
    session: token,
  } satisfies KeysResponseJson;
  return jsonReply(body, { [sessionHeader]: token });
}

/** Waits until the node has delivered what the session has seen. */
export async function reach(exchange: Exchange, node: RunningNode): Promise<RequestSession> {
  const session = new RequestSession(node, exchange.header(sessionHeader));
  const wait = exchange.wait();
  // Asked without a session as well: a node that takes over a snapshot shows nothing until that is done.
  const isDelivered = node.driver.whenDelivered(session.context ?? emptyVector, wait);
  if (isDelivered !== undefined) await isDelivered;
  return session;
}

/** What a key holds; all of its versions the session has now seen, also those that are not shown. */
export function observe(node: RunningNode, session: RequestSession, key: string): readonly Content[] {
  const versions = node.keys.get(key) ?? [];
  for (const version of versions) for (const dot of observedDots(version)) session.observe(dot);
  return contentsOf(versions);
}

/** A value as it was written; a counter or set as the text that JSON shows of it. null: the key has none. */
export function bytesOf(content: Content | undefined): Uint8Array | null {
  if (content === undefined) return null;
  return content.type === undefined ? content.value : Buffer.from(contentFields(content).value ?? '');
}

export function notFound(key: string) {
  return {
    error: { code: 'KVC_E_KEY_NOT_FOUND', message: `this node has no value for ${JSON.stringify(key)}` },
  };
}

function plainReply(key: string, content: Content | undefined, headers: Record<string, string>): Reply {
  const value = bytesOf(content);
  const contentType = 'text/plain; charset=utf-8';
  if (value) return { status: 200, contentType, body: value, headers };
  return { status: 404, contentType, body: `${notFound(key).error.message}\n`, headers };
}

/**
 * Tombstones are passed over. How many entries one request looks at is bounded, so a page in a stretch of tombstones may
 * be short or empty and still not be the last.
 */
function livePage(node: RunningNode, prefix: string, limit: number, after: string | undefined) {
  const live: KeyJson[] = [];
  let last = after;
  for (let looked = 0; looked < entriesLookedAtMax; looked += entriesPerLook) {
    const entries = node.keys.scan({ prefix, after: last, limit: entriesPerLook });
    for (const { key, versions } of entries) {
      last = key;
      const entry = keyOf(key, contentsOf(versions));
      if (entry !== undefined) live.push(entry);
      if (live.length === limit) return { keys: live, last };
    }
    if (entries.length < entriesPerLook) return { keys: live, last: undefined };
  }
  return { keys: live, last };
}

/** undefined if the key has no value. */
function keyOf(key: string, [winner, ...others]: readonly Content[]): KeyJson | undefined {
  if (winner === undefined || !isLive(winner)) return undefined;
  const fields = { key, dot: encodeDot(winner.dot), siblings: others.length };
  if (winner.type !== undefined) return { ...fields, type: winner.type };
  return winner.expiresMs === undefined ? fields : { ...fields, expires_at_ms: winner.expiresMs };
}
