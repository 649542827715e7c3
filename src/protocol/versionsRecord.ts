import type { Version, Versions } from '../core/versions.js';
import { limits } from './limits.js';
import { MessagePackWriter } from './messagePackWriter.js';
import { amountOf, bytesOf } from './operationContent.js';
import { countOf, dotFields, dotsOf, listOf, replicaOf, type Refuse } from './recordFields.js';
import { isRequestId } from './requestId.js';
import { unpackRecord, unreadableRecord } from './storeRecord.js';

/** The formats that are read; the last is written. In the first there were only values and tombstones. */
const formats = [2, 3];
const format = 3;
const fieldsPerVersion = 5;
const writer = new MessagePackWriter();

/** A key's versions as they are stored. */
export function encodeVersions(versions: Versions): Buffer {
  writer.array(1 + versions.length * fieldsPerVersion);
  writer.integer(format);
  for (const version of versions) {
    writer.text(version.dot.replica);
    writer.integer(version.dot.counter);
    writer.integer(version.timestamp);
    writer.field(contentOf(version));
    writer.field(originFields(version));
  }
  return writer.take();
}

/**
 * Reads what `encodeVersions` wrote. The versions share no memory with `bytes`.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_STORE_CORRUPT
 */
export function decodeVersions(bytes: Uint8Array): Versions {
  return versionsOf(unpackRecord(bytes, formats), unreadableRecord);
}

/**
 * A key's versions as they stand in a record: [replica, counter, timestamp, content, origin, ...]. The content is a
 * value or nil, and of anything else a list that begins with a letter (`contentOf`). The origin of most
 * versions is nil. That of a version with a request id is [request id, replica, counter, ...], with its aliases.
 */
export function versionsFields(versions: Versions): unknown[] {
  const fields: unknown[] = [];
  for (const version of versions) {
    const { dot, timestamp } = version;
    fields.push(dot.replica, dot.counter, timestamp, contentOf(version), originFields(version));
  }
  return fields;
}

function originFields({ request, aliases }: Version): unknown[] | null {
  return request === undefined ? null : [request, ...dotFields(aliases ?? [])];
}

/** Reads what `versionsFields` gives. The versions share no memory with what was unpacked. */
export function versionsOf(input: unknown, refuse: Refuse): Versions {
  const fields = listOf(input, limits.versionsMax * fieldsPerVersion, refuse);
  if (fields.length === 0 || fields.length % fieldsPerVersion !== 0) {
    throw refuse('the versions of a key are incomplete');
  }
  const versions: Version[] = [];
  for (let index = 0; index < fields.length; index += fieldsPerVersion) {
    versions.push(versionOf(fields.slice(index, index + fieldsPerVersion), refuse));
  }
  return versions;
}

/** The bytes of a value, nil, [x, value or nil, expires at, expired by...], [c, total], [m, member] or [t]. */
function contentOf(version: Version): unknown {
  switch (version.kind) {
    case undefined: {
      const { value, expiresMs, expiredBy } = version;
      return expiresMs === undefined ? value : ['x', value, expiresMs, ...dotFields(expiredBy ?? [])];
    }
    case 'counter':
      return ['c', version.total];
    case 'member':
      return ['m', version.member];
    case 'trace':
      return ['t'];
  }
}

function versionOf([replica, counter, timestamp, content, origin]: unknown[], refuse: Refuse): Version {
  const version = {
    dot: { replica: replicaOf(replica, refuse), counter: countOf(counter, 1, refuse) },
    timestamp: countOf(timestamp, 1, refuse),
    ...(origin === null ? {} : originOf(origin, refuse)),
  };
  if (content === null) return { ...version, value: null };
  if (content instanceof Uint8Array) return { ...version, value: bytesOf(content, refuse) };
  const [letter, first, expiresMs, ...expiredBy] = listOf(content, limits.vectorEntriesMax * 2 + 3, refuse);
  switch (letter) {
    case 'x': {
      const value = first === null ? null : bytesOf(first, refuse);
      const register = { ...version, value, expiresMs: countOf(expiresMs, 1, refuse) };
      return expiredBy.length === 0 ? register : { ...register, expiredBy: dotsOf(expiredBy, refuse) };
    }
    case 'c':
      return { ...version, kind: 'counter', total: amountOf(first, refuse) };
    case 'm':
      return { ...version, kind: 'member', member: bytesOf(first, refuse) };
    case 't':
      return { ...version, kind: 'trace' };
  }
  throw refuse('a version is of no known kind');
}

function originOf(input: unknown, refuse: Refuse): Pick<Version, 'request' | 'aliases'> {
  const [request, ...aliases] = listOf(input, limits.vectorEntriesMax * 2 + 1, refuse);
  if (!isRequestId(request)) throw refuse('a request id is malformed');
  return aliases.length === 0 ? { request } : { request, aliases: dotsOf(aliases, refuse) };
}
