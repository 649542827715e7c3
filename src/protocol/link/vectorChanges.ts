import type { VersionVector } from '../../core/clock/versionVector.js';
import type { ReplicaId } from '../../core/ids.js';
import { limits } from '../limits.js';
import type { ByteReader } from './byteReader.js';
import type { ByteWriter } from './byteWriter.js';
import type { NamesRead, NamesWritten } from './replicaNames.js';
import { unreadable } from './unreadable.js';

/**
 * Writes what `next` has other than `base`, which the reader has: the number of entries, then each as replica and counter, with
 * the counter 0 for one that is gone. So a vector costs what changed in it, and not what it has.
 */
export function writeChanges(
  writer: ByteWriter,
  names: NamesWritten,
  base: VersionVector,
  next: VersionVector,
): void {
  if (next === base) return writer.number(0);
  const changed: (readonly [ReplicaId, number])[] = [];
  let known = 0;
  for (const entry of next) {
    const before = base.get(entry[0]);
    if (before !== undefined) known += 1;
    if (before !== entry[1]) changed.push(entry);
  }
  if (known < base.size)
    for (const replica of base.keys()) if (!next.has(replica)) changed.push([replica, 0]);
  writer.number(changed.length);
  for (const [replica, counter] of changed) {
    names.write(writer, replica);
    writer.number(counter);
  }
}

/**
 * @returns the vector, never changed afterwards: `base` itself where nothing changed
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function readChanges(reader: ByteReader, names: NamesRead, base: VersionVector): VersionVector {
  const count = reader.count(2 * limits.vectorEntriesMax, 'changes of a vector');
  if (count === 0) return base;
  const next = new Map(base);
  for (let index = 0; index < count; index += 1) {
    const replica = names.read(reader);
    const counter = reader.number();
    if (counter > 0) next.set(replica, counter);
    else if (!next.delete(replica)) throw unreadable('an entry is gone from a vector that did not have it');
  }
  if (next.size > limits.vectorEntriesMax) throw unreadable(`a vector has ${next.size} entries`);
  return next;
}
