import { Packr } from 'msgpackr';
import type { Dot } from '../core/clock/dot.js';
import { KvcError } from '../errors.js';
import { isReplicaId } from '../protocol/names.js';

const format = 1;
const packr = new Packr({ useRecords: false });

/** The dots of a request as they are stored: a MessagePack array [format, replica, counter, ...]. */
export function encodeDots(dots: readonly Dot[]): Buffer {
  return packr.pack([format, ...dots.flatMap(({ replica, counter }) => [replica, counter])]);
}

/** @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_STORE_FAILED */
export function decodeDots(bytes: Uint8Array): Dot[] {
  const fields: unknown = packr.unpack(bytes);
  if (!Array.isArray(fields)) throw unreadable();
  const [found, ...flat] = fields as unknown[];
  if (found !== format) {
    const message = `a record of the key store has format ${String(found)}; this version of kvc reads format ${format}. Use the version that wrote it.`;
    throw new KvcError('KVC_E_FORMAT_UNKNOWN', message);
  }
  const dots: Dot[] = [];
  for (let index = 0; index < flat.length; index += 2) dots.push(dotOf(flat[index], flat[index + 1]));
  if (dots.length === 0) throw unreadable();
  return dots;
}

function dotOf(replica: unknown, counter: unknown): Dot {
  if (!isReplicaId(replica) || !Number.isSafeInteger(counter) || (counter as number) < 1) throw unreadable();
  return { replica, counter: counter as number };
}

function unreadable(): KvcError {
  const message =
    'a record of the key store cannot be read. Restore the data from a copy, or start afresh: kvc up --fresh';
  return new KvcError('KVC_E_STORE_FAILED', message);
}
