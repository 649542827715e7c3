import { Packr } from 'msgpackr';
import type { DeliveredFacts } from '../core/delivery.js';
import type { Dot } from '../core/clock/dot.js';
import type { ReplicaId } from '../core/ids.js';
import type { RequestId } from '../core/update.js';
import type { Versions } from '../core/versions.js';
import { KvcError } from '../errors.js';
import { factsFields, factsOf } from './factsFields.js';
import { parseKey } from './keys.js';
import { limits } from './limits.js';
import { countOf, dotFields, dotsOf, listOf, replicaOf } from './recordFields.js';
import { isRequestId } from './requestId.js';
import { snapshotPositionOf, type SnapshotPosition } from './snapshotPosition.js';
import { isSnapshotId } from './snapshotPartRequest.js';
import { versionsFields, versionsOf } from './versionsRecord.js';

const format = 1;
const packr = new Packr({ useRecords: false, mapsAsObjects: false });

/** A part of a snapshot on its way to the node that asked for it (snapshotPartRequest.ts). */
export interface SnapshotChunk {
  /** Whose state it is. */
  readonly from: ReplicaId;
  /** The cut that it is a part of, in the words of the node that made it. */
  readonly snapshot: string;
  readonly checkpoint: DeliveredFacts;
  readonly requests: readonly { readonly request: RequestId; readonly dots: readonly Dot[] }[];
  readonly keys: readonly { readonly key: string; readonly versions: Versions }[];
  /** Where the next part begins; null if this is the last one. */
  readonly next: SnapshotPosition | null;
  /** How many requests and keys the whole snapshot has. */
  readonly entries: number;
}

/**
 * A MessagePack array [format, snapshot, facts, entries, next or nil, [request id, dots, ...], [key, versions, ...], from],
 * with dots as [replica, counter, ...] and versions as in versionsRecord.ts.
 */
export function encodeSnapshotChunk(chunk: SnapshotChunk): Buffer {
  const { from, snapshot, checkpoint, entries, next } = chunk;
  const requests = chunk.requests.flatMap(({ request, dots }) => [request, dotFields(dots)]);
  const keys = chunk.keys.flatMap(({ key, versions }) => [key, versionsFields(versions)]);
  return packr.pack([format, snapshot, factsFields(checkpoint), entries, next, requests, keys, from]);
}

/**
 * A part of a snapshot that arrives from outside. It shares no memory with `bytes`.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN for that of another version of kvc, KVC_E_BAD_REQUEST or KVC_E_KEY_INVALID for
 * anything else that is no part of a snapshot within the limits
 */
export function decodeSnapshotChunk(bytes: Uint8Array): SnapshotChunk {
  const fields = unpack(bytes);
  if (fields[0] !== format) throw unknownFormat(fields[0]);
  if (fields.length !== 8) throw malformed(`it has ${fields.length} fields instead of 8`);
  const [, snapshot, facts, entries, next, requests, keys, from] = fields;
  if (!isSnapshotId(snapshot)) throw malformed('the name of the snapshot is malformed');
  return {
    from: replicaOf(from, malformed),
    snapshot,
    checkpoint: factsOf(facts, malformed),
    requests: pairsOf(requests).map(requestOf),
    keys: pairsOf(keys).map(keyOf),
    next: next === null ? null : snapshotPositionOf(next, 'next'),
    entries: countOf(entries, 0, malformed),
  };
}

function requestOf([request, dots]: readonly [unknown, unknown]): SnapshotChunk['requests'][number] {
  if (!isRequestId(request)) throw malformed('a request id is malformed');
  return { request, dots: dotsOf(dots, malformed) };
}

function keyOf([key, versions]: readonly [unknown, unknown]): SnapshotChunk['keys'][number] {
  return { key: parseKey(key), versions: versionsOf(versions, malformed) };
}

function pairsOf(input: unknown): (readonly [unknown, unknown])[] {
  const fields = listOf(input, limits.snapshotChunkEntriesMax * 2, malformed);
  if (fields.length % 2 !== 0) throw malformed('a list is no list of pairs');
  const pairs: (readonly [unknown, unknown])[] = [];
  for (let index = 0; index < fields.length; index += 2) pairs.push([fields[index], fields[index + 1]]);
  return pairs;
}

function unpack(bytes: Uint8Array): readonly unknown[] {
  let fields: unknown;
  try {
    fields = packr.unpack(bytes);
  } catch {
    throw malformed('it is not MessagePack');
  }
  if (!Array.isArray(fields)) throw malformed('it is no array');
  return fields;
}

function malformed(why: string): KvcError {
  return new KvcError('KVC_E_BAD_REQUEST', `a part of a snapshot cannot be read: ${why}`);
}

function unknownFormat(found: unknown): KvcError {
  return new KvcError(
    'KVC_E_FORMAT_UNKNOWN',
    `a part of a snapshot has format ${String(found)}; this version of kvc reads format ${format}. Run one version on all nodes.`,
    { found },
  );
}
