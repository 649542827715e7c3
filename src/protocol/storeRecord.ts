import { Packr } from 'msgpackr';
import { KvcError } from '../errors.js';

const packr = new Packr({ useRecords: false, mapsAsObjects: false });

/** A record of the key store: a MessagePack array of its format's number and its fields. */
export function packRecord(format: number, fields: readonly unknown[]): Buffer {
  return packr.pack([format, ...fields]);
}

/**
 * The fields of a record, still to be checked.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN for a record of another version, KVC_E_STORE_CORRUPT for what is no record
 */
export function unpackRecord(bytes: Uint8Array, formats: number | readonly number[]): readonly unknown[] {
  const [found, ...fields] = unpack(bytes);
  const known = typeof formats === 'number' ? [formats] : formats;
  if (!known.includes(found as number)) throw unknownRecord(found, Math.max(...known));
  return fields;
}

/** The error for a field of a stored record that is not what it must be: the store is damaged. */
export function unreadableRecord(why: string): KvcError {
  const message = `a record of the key store cannot be read: ${why}. Restore the data from a copy, or start afresh: kvc up --fresh`;
  return new KvcError('KVC_E_STORE_CORRUPT', message);
}

export function unknownRecord(found: unknown, format: number): KvcError {
  const message = `a record of the key store has format ${String(found)}; this version of kvc reads format ${format}. Use the version that wrote it.`;
  return new KvcError('KVC_E_FORMAT_UNKNOWN', message, { found });
}

function unpack(bytes: Uint8Array): readonly unknown[] {
  let fields: unknown;
  try {
    fields = packr.unpack(bytes);
  } catch {
    throw unreadableRecord('it is not MessagePack');
  }
  if (!Array.isArray(fields)) throw unreadableRecord('it is no array');
  return fields;
}
