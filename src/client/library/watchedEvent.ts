import type { ValueJson } from '../../protocol/api.js';
import type { WatchChangeJson, WatchedWriteJson } from '../../protocol/watchApi.js';
import type { WatchedEvent } from '../watchNode.js';
import type { Codec } from './codec.js';
import { entryOf, type ReadAt } from './entryOf.js';
import { memberOf, valueOf } from './storedValue.js';
import type { WatchedWrite, WatchEvent } from './watchEvents.js';

/** An event for the consumer, and what the session has seen when it is taken. */
export interface Watched<Value> {
  readonly event: WatchEvent<Value>;
  readonly session?: string;
}

/**
 * What a node sent, as its consumer gets it.
 * @param at - who sent it, and the session's token, for entries
 * @throws KvcError KVC_E_CODEC
 */
export function watchedEvent<Value>(codec: Codec, sent: WatchedEvent, at: ReadAt): Watched<Value> {
  const { node } = at;
  switch (sent.kind) {
    case 'change':
      return changeOf(codec, sent.data, node);
    case 'gap':
      return { event: { kind: 'gap', missed: sent.data.missed, node } };
    case 'state':
      return { event: { kind: 'state', entry: entryOf(codec, sent.data, at), node } };
    case 'ready': {
      const { cursor, session } = sent.data;
      return { event: { kind: 'ready', cursor, node }, session };
    }
  }
}

function changeOf<Value>(codec: Codec, json: WatchChangeJson, node: string): Watched<Value> {
  const { dot, time_ms: time, cursor, session } = json;
  const writes = json.writes.map((write) => writeOf<Value>(codec, write));
  return { event: { kind: 'change', dot, writes, time, cursor, node }, session };
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
