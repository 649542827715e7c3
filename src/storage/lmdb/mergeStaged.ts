import { setImmediate } from 'node:timers/promises';
import { unionOfDots } from '../../core/clock/dot.js';
import { KeyJoin } from '../joinStates.js';
import type { Checkpoint } from '../keyStore.js';
import { change, commit } from './commit.js';
import type { Change, LmdbDatabase, LmdbFiles } from './environment.js';
import type { LmdbStaging } from './lmdbStaging.js';
import type { LmdbTable } from './lmdbTable.js';
import { putCheckpoint, type LmdbTables } from './lmdbTables.js';
import { pairByKey, type Pair } from './pairByKey.js';

/** What one transaction looks at, so that memory is bounded and other work gets its turn. */
const pairsMax = 1000;
const bytesMax = 4 * 1024 * 1024;

/**
 * Joins the staged snapshot into the tables, in many transactions. It may be ended at any point, even by a crash, and begun
 * again. Then some keys hold the joined versions J instead of the local L, while the local clock is still that of L:
 * it changes in the last transaction only, and so do the staged tables. Joining such a key with the staged S again gives J
 * again, for each version of J stays: one that S has is on both sides, one that came from L alone is still unseen by S's
 * clock. And none comes back: S has no other, and what of S went because L's clock has seen it, goes for the same reason.
 * Requests are joined before keys, and joining them again adds nothing, so that both times all their dots are known.
 *
 * The counts are made anew each time, from all keys.
 * @param local - what the tables reflect
 */
export async function mergeStaged(
  files: LmdbFiles,
  tables: LmdbTables,
  staging: LmdbStaging,
  local: Checkpoint,
): Promise<Checkpoint> {
  await staging.beginMerge();
  const staged = staging.staged?.checkpoint ?? local;
  await joinTable(files, tables.requests, files.stagedRequests, (known, added) =>
    added === undefined ? known : unionOfDots(known ?? [], added),
  );
  const join = new KeyJoin(local, staged, tables.requests);
  await joinTable(files, tables.versions, files.stagedVersions, (known, added) => join.join(known, added));
  const joined = join.checkpoint();
  await staging.endMerge(() => putCheckpoint(files, joined));
  return joined;
}

/** @param join - gives `known` itself where nothing changes, undefined where nothing is left */
async function joinTable<Value>(
  files: LmdbFiles,
  table: LmdbTable<Value>,
  staged: LmdbDatabase,
  join: (known: Value | undefined, added: Value | undefined) => Value | undefined,
): Promise<void> {
  let start = Buffer.alloc(0);
  for (;;) {
    const pairs = pairsFrom(start, table.database, staged);
    const last = pairs.at(-1);
    // From now on it answers by what was joined: keys are joined by what requests say.
    if (last === undefined) {
      table.recount();
      return;
    }
    const changes = pairs.flatMap((pair) => changesOf(pair, table, join));
    if (changes.length > 0) await commit(files, () => changes.forEach(change));
    else await setImmediate();
    start = Buffer.concat([last.key, afterKey]);
  }
}

/** Nothing comes between a key and the same with this behind it. */
const afterKey = Buffer.from([0]);

function pairsFrom(start: Buffer, left: LmdbDatabase, right: LmdbDatabase): Pair[] {
  const pairs: Pair[] = [];
  let bytes = 0;
  for (const pair of pairByKey(left.getRange({ start }), right.getRange({ start }))) {
    pairs.push(pair);
    bytes += (pair.left?.length ?? 0) + (pair.right?.length ?? 0);
    if (pairs.length === pairsMax || bytes >= bytesMax) break;
  }
  return pairs;
}

function changesOf<Value>(
  { key, left, right }: Pair,
  table: LmdbTable<Value>,
  join: (known: Value | undefined, added: Value | undefined) => Value | undefined,
): Change[] {
  const known = left && table.decode(key, left);
  const joined = join(known, right && table.decode(key, right));
  if (joined === known) return [];
  const record = joined === undefined ? null : table.encode(key, joined);
  return [{ database: table.database, key, record }];
}
