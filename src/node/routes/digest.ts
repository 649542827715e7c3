import { createHash, type Hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { contentsOf } from '../../core/contents.js';
import { withoutTombstones } from '../../core/versions.js';
import type { DigestResponseJson } from '../../protocol/api.js';
import { encodeClock } from '../../protocol/clockJson.js';
import { limits } from '../../protocol/limits.js';
import { contentFields } from '../../protocol/valueJson.js';
import type { SnapshotPosition } from '../../protocol/snapshotPosition.js';
import type { KeyEntry, StoreCut } from '../../storage/storeSnapshot.js';
import { jsonReply, type Exchange, type Reply } from '../exchange.js';
import type { RunningNode } from '../../driver/runningNode.js';

/** GET /digest: of a cut, so that it belongs to one vector however long it takes. */
export async function digest(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters();
  const cut = await node.driver.cut();
  try {
    const { hash, keys } = await digestOf(cut);
    return jsonReply({
      node: node.config.self,
      clock: encodeClock(node.replica.shown(cut.checkpoint.clock)),
      digest: hash.digest('hex'),
      keys,
    } satisfies DigestResponseJson);
  } finally {
    cut.close();
  }
}

async function digestOf(cut: StoreCut): Promise<{ hash: Hash; keys: number }> {
  const hash = createHash('sha256');
  let keys = 0;
  let position: SnapshotPosition | undefined;
  do {
    const part = cut.read(position, limits.snapshotChunkBytesMax);
    for (const entry of part.keys) if (addEntry(hash, entry, cut)) keys += 1;
    position = part.next;
    await setImmediate();
  } while (position !== undefined);
  return { hash, keys };
}

/** Nodes forget tombstones at different times, so those that may be forgotten some day do not count. */
function addEntry(hash: Hash, { key, versions }: KeyEntry, { checkpoint }: StoreCut): boolean {
  const counted = withoutTombstones(versions, checkpoint.clock);
  if (counted.length === 0) return false;
  hash.update(JSON.stringify([key, counted.length]));
  for (const content of contentsOf(counted)) {
    const { dot, timestamp } = content;
    hash.update(JSON.stringify([dot.replica, dot.counter, timestamp, contentFields(content)]));
  }
  return true;
}
