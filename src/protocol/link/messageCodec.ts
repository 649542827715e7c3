import type { Update } from '../../core/update.js';
import { limits } from '../limits.js';
import { requireDotsOnce } from '../replicateJson.js';
import type { ReplicateMessage } from '../replicateMessage.js';
import { ByteReader } from './byteReader.js';
import type { ByteWriter } from './byteWriter.js';
import { DependencyBases } from './dependencyBases.js';
import { frameTypes, writeFrame } from './frames.js';
import { readUpdate, writeUpdate } from './linkUpdate.js';
import { anotherBit, SenderStateReader, SenderStateWriter } from './senderState.js';

/**
 * Writes the messages of one connection, in the order in which they are sent: each says only what is other than in those
 * before it. So what a message costs does not grow with the number of replicas.
 */
export class MessageWriter {
  readonly #state = new SenderStateWriter();
  readonly #bases = new DependencyBases();

  /** Writes one frame. @returns how long its content is */
  write(writer: ByteWriter, message: ReplicateMessage): number {
    const { updates, offersSnapshot } = message;
    return writeFrame(writer, frameTypes.message, () => {
      this.#state.write(writer, message, offersSnapshot ? anotherBit : 0);
      writer.number(updates.length);
      for (const update of updates) writeUpdate(writer, this.#state.names, this.#bases, update);
    });
  }
}

/** Reads the messages of one connection, in the same order. After an error nothing more can be read. */
export class MessageReader {
  readonly #state = new SenderStateReader();
  readonly #bases = new DependencyBases();

  /** @throws KvcError KVC_E_BAD_REQUEST, KVC_E_DOT_REUSED, KVC_E_MESSAGE_TOO_LARGE, or the error of an update */
  read(content: Buffer): ReplicateMessage {
    const reader = new ByteReader(content);
    const { from, clock, unreached, bits } = this.#state.read(reader);
    const count = reader.count(limits.replicateUpdatesMax, 'updates');
    const updates: Update[] = [];
    for (let index = 0; index < count; index += 1) {
      updates.push(readUpdate(reader, this.#state.names, this.#bases));
    }
    reader.requireEnd();
    if (!areInOrder(updates)) requireDotsOnce(updates);
    return { from, clock, unreached, offersSnapshot: bits !== 0, updates };
  }
}

/** As a link ships them: of one origin, one after the other. No dot is there twice then. */
function areInOrder(updates: readonly Update[]): boolean {
  let last: Update | undefined;
  for (const update of updates) {
    const { replica, counter } = update.dot;
    if (last !== undefined && (replica !== last.dot.replica || counter <= last.dot.counter)) return false;
    last = update;
  }
  return true;
}
