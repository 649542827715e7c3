import type { Version, Versions } from '../core/versions.js';
import { limits } from './limits.js';
import { countOf, dotFields, dotsOf, listOf, replicaOf, type Refuse } from './recordFields.js';
import { isRequestId } from './requestId.js';
import { packRecord, unpackRecord, unreadableRecord } from './storeRecord.js';

const format = 2;
const fieldsPerVersion = 5;

/** A key's versions as they are stored. */
export function encodeVersions(versions: Versions): Buffer {
  return packRecord(format, versionsFields(versions));
}

/**
 * Reads what `encodeVersions` wrote. The versions share no memory with `bytes`.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_STORE_CORRUPT
 */
export function decodeVersions(bytes: Uint8Array): Versions {
  return versionsOf(unpackRecord(bytes, format), unreadableRecord);
}

/**
 * A key's versions as they stand in a record: [replica, counter, timestamp, value or nil, origin, ...]. The origin of most
 * versions is nil. That of a version with a request id is [request id, replica, counter, ...], with its aliases.
 */
export function versionsFields(versions: Versions): unknown[] {
  const fields: unknown[] = [];
  for (const version of versions) {
    const { dot, timestamp, value } = version;
    fields.push(dot.replica, dot.counter, timestamp, value, originFields(version));
  }
  return fields;
}

function originFields({ request, aliases }: Version): unknown[] | null {
  return request === undefined ? null : [request, ...dotFields(aliases ?? [])];
}

/** Reads what `versionsFields` gives. The versions share no memory with what was unpacked. */
export function versionsOf(input: unknown, refuse: Refuse): Versions {
  const fields = listOf(input, limits.vectorEntriesMax * fieldsPerVersion, refuse);
  if (fields.length === 0 || fields.length % fieldsPerVersion !== 0) {
    throw refuse('the versions of a key are incomplete');
  }
  const versions: Version[] = [];
  for (let index = 0; index < fields.length; index += fieldsPerVersion) {
    versions.push(versionOf(fields.slice(index, index + fieldsPerVersion), refuse));
  }
  return versions;
}

function versionOf([replica, counter, timestamp, value, origin]: unknown[], refuse: Refuse): Version {
  const version = {
    dot: { replica: replicaOf(replica, refuse), counter: countOf(counter, 1, refuse) },
    timestamp: countOf(timestamp, 1, refuse),
    value: valueOf(value, refuse),
  };
  return origin === null ? version : { ...version, ...originOf(origin, refuse) };
}

function valueOf(input: unknown, refuse: Refuse): Uint8Array | null {
  if (input === null) return null;
  if (!(input instanceof Uint8Array)) throw refuse('a value is not made of bytes');
  if (input.byteLength > limits.valueBytesMax) throw refuse(`a value has ${input.byteLength} bytes`);
  return new Uint8Array(input);
}

function originOf(input: unknown, refuse: Refuse): Pick<Version, 'request' | 'aliases'> {
  const [request, ...aliases] = listOf(input, limits.vectorEntriesMax * 2 + 1, refuse);
  if (!isRequestId(request)) throw refuse('a request id is malformed');
  return aliases.length === 0 ? { request } : { request, aliases: dotsOf(aliases, refuse) };
}
