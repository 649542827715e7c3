import { Packr } from 'msgpackr';
import type { Version, Versions } from '../core/versions.js';
import type { ReplicaId } from '../core/ids.js';
import { KvcError } from '../errors.js';

const format = 1;
const fieldsPerVersion = 4;
const packr = new Packr({ useRecords: false, mapsAsObjects: false });

/** A key's versions as they are stored: a MessagePack array [format, replica, counter, timestamp, value or nil, ...]. */
export function encodeVersions(versions: Versions): Buffer {
  const fields: unknown[] = [format];
  for (const { dot, timestamp, value } of versions) fields.push(dot.replica, dot.counter, timestamp, value);
  return packr.pack(fields);
}

/**
 * Reads what `encodeVersions` wrote. The versions share no memory with `bytes`.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_STORE_FAILED
 */
export function decodeVersions(bytes: Uint8Array): Versions {
  const fields = unpack(bytes);
  if (!Array.isArray(fields)) throw unreadable('it is no array');
  if (fields[0] !== format) throw unknownFormat(fields[0]);
  const versions: Version[] = [];
  for (let index = 1; index < fields.length; index += fieldsPerVersion) {
    versions.push(versionOf(fields.slice(index, index + fieldsPerVersion)));
  }
  if (versions.length === 0) throw unreadable('it has no version');
  return versions;
}

function unpack(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw unreadable('it is not MessagePack', cause);
  }
}

function versionOf([replica, counter, timestamp, value]: unknown[]): Version {
  const valid =
    typeof replica === 'string' &&
    typeof counter === 'number' &&
    typeof timestamp === 'number' &&
    (value === null || value instanceof Uint8Array);
  if (!valid) throw unreadable('a version is malformed');
  return {
    dot: { replica: replica as ReplicaId, counter },
    timestamp,
    value: value === null ? null : new Uint8Array(value),
  };
}

function unreadable(why: string, cause?: unknown): KvcError {
  const message = `a record of the key store cannot be read (${why}). Restore the data from a copy, or start afresh: kvc up --fresh`;
  return new KvcError('KVC_E_STORE_FAILED', message, {}, { cause });
}

function unknownFormat(found: unknown): KvcError {
  return new KvcError(
    'KVC_E_FORMAT_UNKNOWN',
    `a record of the key store has format ${String(found)}; this version of kvc reads format ${format}. Use the version that wrote it.`,
  );
}
