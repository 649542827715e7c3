import { emptyVector, type VersionVector } from '../../core/clock/versionVector.js';
import type { RunningNode } from '../../driver/runningNode.js';
import type { Watch, WatchItem } from '../../driver/watch.js';
import { KvcError } from '../../errors.js';
import { requireKeyText } from '../../protocol/keys.js';
import { encodeToken, parseToken } from '../../protocol/sessionToken.js';
import {
  changeEvent,
  errorEvent,
  gapEvent,
  ping,
  readyEvent,
  stateEvent,
  watchedWrites,
} from '../../protocol/watchEvents.js';
import type { Exchange, Reply } from '../exchange.js';
import type { ReplyStream } from '../replyStream.js';

/** GET /watch?prefix=&from=: server-sent events; see protocol/watchApi.ts. */
export function watch(exchange: Exchange, node: RunningNode): Reply {
  exchange.allowParameters('prefix', 'from');
  const prefix = exchange.parameter('prefix') ?? '';
  requireKeyText(prefix, 'prefix');
  const opened = node.watches.open(startOf(exchange, node.config.clusterId));
  return {
    status: 200,
    contentType: 'text/event-stream',
    headers: { 'cache-control': 'no-store' },
    body: {
      stallMsMax: node.limits.watchStallMsMax,
      write: (stream) => tell(stream, opened, (item) => textOf(item, prefix, opened, node), prefix),
      lastWords: errorEvent,
    },
  };
}

/**
 * Behind what the watch goes on. A browser asks with the same `from` whenever it connects anew, and then says in the header
 * what it was sent last: so the header wins.
 */
function startOf(exchange: Exchange, clusterId: string): VersionVector | undefined {
  const text = exchange.header('last-event-id') ?? exchange.parameter('from');
  return text === null ? undefined : parseToken(text, clusterId);
}

async function tell(
  stream: ReplyStream,
  opened: Watch,
  text: (item: WatchItem) => string | undefined,
  prefix: string,
): Promise<void> {
  stream.onClose(() => opened.end(new KvcError('KVC_E_CLOSED', 'the client closed the connection')));
  try {
    for await (const item of opened.items(prefix)) {
      const event = text(item);
      if (event !== undefined) await stream.write(event, opened.signal);
    }
  } finally {
    opened.leave();
  }
}

function textOf(
  item: WatchItem,
  prefix: string,
  { position }: Watch,
  { config: { clusterId }, replica }: RunningNode,
): string | undefined {
  const cursor = (): string => encodeToken(clusterId, position);
  switch (item.kind) {
    case 'update': {
      const writes = watchedWrites(item.update, prefix);
      if (writes.length === 0) return undefined;
      const { replica: origin, counter } = item.update.dot;
      // Every node has all updates of such a replica: a session that names it would only grow.
      const seen = replica.isShed(origin) ? emptyVector : new Map([[origin, counter]]);
      return changeEvent(item.update, writes, { session: encodeToken(clusterId, seen), cursor: cursor() });
    }
    case 'gap':
      return gapEvent(item.missed);
    case 'state':
      return stateEvent(item.key, item.contents);
    case 'ready':
      return readyEvent({ session: encodeToken(clusterId, replica.shown(position)), cursor: cursor() });
    case 'beat':
      return ping(cursor());
  }
}
