import { emptyVector, type VersionVector } from '../../core/clock/versionVector.js';
import type { NodeName, ReplicaId } from '../../core/ids.js';
import type { ByteReader } from './byteReader.js';
import type { ByteWriter } from './byteWriter.js';
import { readNodeNames, sameNodeNames, writeNodeNames } from './nodeNames.js';
import { NamesRead, NamesWritten } from './replicaNames.js';
import { unreadable } from './unreadable.js';
import { readChanges, writeChanges } from './vectorChanges.js';

/** What every message and every answer says of the replica that it comes from. */
export interface SenderState {
  readonly from: ReplicaId;
  /** Its durable vector. */
  readonly clock: VersionVector;
  /** The nodes that it cannot reach. */
  readonly unreached: readonly NodeName[];
}

/** What of it is other than in the frame before, and one bit for those who write more. */
const saysFrom = 1;
const saysUnreached = 2;
export const anotherBit = 4;

/** Writes what has changed since the frame before on this connection; at first that is all. */
export class SenderStateWriter {
  readonly names = new NamesWritten();
  #from: ReplicaId | undefined;
  #clock = emptyVector;
  #unreached: readonly NodeName[] = [];

  /** @param bits - 0 or `anotherBit` */
  write(writer: ByteWriter, { from, clock, unreached }: SenderState, bits: number): void {
    const isOther = from !== this.#from;
    const reachesOthers = !sameNodeNames(unreached, this.#unreached);
    writer.byte(bits | (isOther ? saysFrom : 0) | (reachesOthers ? saysUnreached : 0));
    if (isOther) this.names.write(writer, from);
    if (reachesOthers) writeNodeNames(writer, unreached);
    writeChanges(writer, this.names, this.#clock, clock);
    this.#from = from;
    this.#clock = clock;
    this.#unreached = unreached;
  }
}

/** The same at the other end. */
export class SenderStateReader {
  readonly names = new NamesRead();
  #from: ReplicaId | undefined;
  #clock = emptyVector;
  #unreached: readonly NodeName[] = [];

  /** @throws KvcError KVC_E_BAD_REQUEST */
  read(reader: ByteReader): SenderState & { readonly bits: number } {
    const bits = reader.byte();
    if (bits > (saysFrom | saysUnreached | anotherBit)) throw unreadable('it says more than is known here');
    if ((bits & saysFrom) !== 0) this.#from = this.names.read(reader);
    if (this.#from === undefined) throw unreadable('it does not say who it comes from');
    if ((bits & saysUnreached) !== 0) this.#unreached = readNodeNames(reader);
    this.#clock = readChanges(reader, this.names, this.#clock);
    const { clock, unreached } = { clock: this.#clock, unreached: this.#unreached };
    return { from: this.#from, clock, unreached, bits: bits & anotherBit };
  }
}
