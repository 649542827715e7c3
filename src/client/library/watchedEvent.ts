import { KvcError } from '../../errors.js';
import type { ValueJson } from '../../protocol/api.js';
import { errorOfBody } from '../../protocol/errorJson.js';
import type {
  WatchChangeJson,
  WatchedWriteJson,
  WatchGapJson,
  WatchReadyJson,
  WatchStateJson,
} from '../../protocol/watchApi.js';
import type { ServerSentEvent } from '../sseParser.js';
import type { Codec } from './codec.js';
import { entryOf, type ReadAt } from './entryOf.js';
import { memberOf, valueOf } from './storedValue.js';
import type { WatchedWrite, WatchEvent } from './watchEvents.js';

/** An event for the consumer, and what is to be remembered when it is taken. */
export interface Watched<Value> {
  readonly event: WatchEvent<Value>;
  readonly session?: string;
  readonly cursor?: string;
}

/**
 * What a node sent.
 * @param at - who sent it, and the session's token, for entries
 * @returns undefined for a kind of event that this version does not know
 * @throws KvcError the failure that the node reports; KVC_E_NODE_UNREACHABLE for what is no event of a node; KVC_E_CODEC
 */
export function watchedEvent<Value>(
  codec: Codec,
  sent: ServerSentEvent,
  at: ReadAt,
): Watched<Value> | undefined {
  const { node } = at;
  const json = parse(sent, node);
  if (sent.type === 'error') throw errorOfBody(json, 503);
  if (sent.type === 'change') return changeOf(codec, json as WatchChangeJson, node);
  if (sent.type === 'gap') return { event: { kind: 'gap', missed: (json as WatchGapJson).missed, node } };
  if (sent.type === 'state') {
    return { event: { kind: 'state', entry: entryOf(codec, json as WatchStateJson, at), node } };
  }
  if (sent.type !== 'ready') return undefined;
  const { cursor, session } = json as WatchReadyJson;
  return { event: { kind: 'ready', cursor, node }, session, cursor };
}

function changeOf<Value>(codec: Codec, json: WatchChangeJson, node: string): Watched<Value> {
  const { dot, time_ms: time, cursor, session } = json;
  const writes = json.writes.map((write) => writeOf<Value>(codec, write));
  return { event: { kind: 'change', dot, writes, time, cursor, node }, session, cursor };
}

function writeOf<Value>(codec: Codec, write: WatchedWriteJson): WatchedWrite<Value> {
  const { key } = write;
  switch (write.kind) {
    case 'put': {
      const value = valueOf(codec, plain(write)) as Value;
      const expiry = write.expires_at_ms === undefined ? {} : { expiresAt: write.expires_at_ms };
      return { key, kind: 'put', value, ...expiry };
    }
    case 'add':
    case 'remove':
      return { key, kind: write.kind, member: memberOf(write) };
    case 'delete':
    case 'increment':
    case 'expire':
      return write;
  }
}

function plain({ value, encoding }: ValueJson): ValueJson {
  return encoding === undefined ? { value } : { value, encoding };
}

function parse({ data }: ServerSentEvent, node: string): object {
  try {
    const json: unknown = JSON.parse(data);
    if (typeof json === 'object' && json !== null) return json;
  } catch {
    // Reported below.
  }
  throw new KvcError('KVC_E_NODE_UNREACHABLE', `what ${node} sent is no event of a watch`);
}
