import type { ReplicaId } from '../../core/ids.js';
import { limits } from '../limits.js';
import { isReplicaId } from '../names.js';
import type { ByteReader } from './byteReader.js';
import type { ByteWriter } from './byteWriter.js';
import { unreadable } from './unreadable.js';

const nameBytesMax = 64;

/** The replicas that one end of a connection has named: by name the first time, then by a small number. 0 stands before a name. */
export class NamesWritten {
  readonly #numbers = new Map<ReplicaId, number>();

  write(writer: ByteWriter, replica: ReplicaId): void {
    const number = this.#numbers.get(replica);
    if (number !== undefined) return writer.number(number);
    this.#numbers.set(replica, this.#numbers.size + 1);
    writer.number(0);
    writer.text(replica);
  }
}

/** The same at the other end. One name is one text in memory, however often it comes. */
export class NamesRead {
  readonly #names: ReplicaId[] = [];

  read(reader: ByteReader): ReplicaId {
    const number = reader.number();
    if (number === 0) return this.#add(reader.text(nameBytesMax, 'a replica id'));
    const replica = this.#names[number - 1];
    if (replica === undefined) throw unreadable('it names a replica by a number that none has');
    return replica;
  }

  #add(name: string): ReplicaId {
    if (!isReplicaId(name)) throw unreadable('a replica id is malformed');
    if (this.#names.length >= limits.replicasEverMax) throw unreadable('there are too many replicas');
    this.#names.push(name);
    return name;
  }
}
