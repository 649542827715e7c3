import { Packr } from 'msgpackr';
import type { Dot } from '../core/clock/dot.js';
import type { DeliveredFacts } from '../core/delivery.js';
import type { RequestId } from '../core/update.js';
import type { Versions } from '../core/versions.js';
import { KvcError } from '../errors.js';
import { factsFields, factsOf } from './factsFields.js';
import { parseKey } from './keys.js';
import { countOf, dotFields, dotsOf, listOf } from './recordFields.js';
import { isRequestId } from './requestId.js';
import { parseSnapshotPosition, type SnapshotPosition } from './snapshotPosition.js';
import { parseSnapshotId } from './snapshotRequest.js';
import { versionsFields, versionsOf } from './versionsRecord.js';

/** The answer to POST /snapshot: one part of a node's state as of one moment. */
export interface SnapshotChunk {
  readonly snapshot: string;
  /** The facts of the whole. */
  readonly checkpoint: DeliveredFacts;
  readonly requests: readonly { readonly request: RequestId; readonly dots: readonly Dot[] }[];
  readonly keys: readonly { readonly key: string; readonly versions: Versions }[];
  /** Where the next part begins; null if this is the last. */
  readonly next: SnapshotPosition | null;
  /** How many requests and keys the whole has. */
  readonly entries: number;
}

const format = 1;
/** More than the parts of a snapshot that this version gives ever have. */
const entriesMax = 1_000_000;
const packr = new Packr({ useRecords: false, mapsAsObjects: false });

/** A MessagePack array [format, snapshot, facts, [request, dots, ...], [key, versions, ...], next or nil, entries]. */
export function encodeSnapshotChunk(chunk: SnapshotChunk): Buffer {
  const { snapshot, checkpoint, requests, keys, next, entries } = chunk;
  const requestFields = requests.flatMap(({ request, dots }) => [request, dotFields(dots)]);
  const keyFields = keys.flatMap(({ key, versions }) => [key, versionsFields(versions)]);
  return packr.pack([format, snapshot, factsFields(checkpoint), requestFields, keyFields, next, entries]);
}

/**
 * Reads what `encodeSnapshotChunk` wrote. What it gives shares no memory with `bytes`.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN for a chunk of another version, KVC_E_BAD_REQUEST for anything else
 */
export function decodeSnapshotChunk(bytes: Uint8Array): SnapshotChunk {
  const fields = listOf(unpack(bytes), 7, malformed);
  if (fields[0] !== format) throw unknownFormat(fields[0]);
  if (fields.length !== 7) throw malformed(`it has ${fields.length} fields instead of 7`);
  const [, snapshot, facts, requests, keys, next, entries] = fields;
  if (next !== null) parseSnapshotPosition(next, 'next');
  return {
    snapshot: parseSnapshotId(snapshot, 'snapshot'),
    checkpoint: factsOf(facts, malformed),
    requests: pairsOf(requests).map(([request, dots]) => ({
      request: requestOf(request),
      dots: dotsOf(dots, malformed),
    })),
    keys: pairsOf(keys).map(([key, versions]) => ({
      key: parseKey(key),
      versions: versionsOf(versions, malformed),
    })),
    next: next as SnapshotPosition | null,
    entries: countOf(entries, 0, malformed),
  };
}

function unpack(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw new KvcError('KVC_E_BAD_REQUEST', 'a part of a snapshot is not MessagePack', {}, { cause });
  }
}

function pairsOf(input: unknown): [unknown, unknown][] {
  const flat = listOf(input, entriesMax * 2, malformed);
  if (flat.length % 2 !== 0) throw malformed('its entries are no list of pairs');
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2], flat[index * 2 + 1]]);
}

function requestOf(input: unknown): RequestId {
  if (isRequestId(input)) return input;
  throw malformed('a request id is malformed');
}

function malformed(why: string): KvcError {
  return new KvcError('KVC_E_BAD_REQUEST', `a part of a snapshot cannot be read: ${why}`);
}

function unknownFormat(found: unknown): KvcError {
  const message = `a part of a snapshot has format ${String(found)}; this version of kvc reads format ${format}`;
  return new KvcError('KVC_E_FORMAT_UNKNOWN', message, { found });
}
