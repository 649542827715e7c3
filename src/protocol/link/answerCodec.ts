import { emptyVector } from '../../core/clock/versionVector.js';
import type { KvcError } from '../../errors.js';
import { encodeError, errorOfText } from '../errorJson.js';
import type { ReplicateAnswer } from '../replicateMessage.js';
import { ByteReader } from './byteReader.js';
import type { ByteWriter } from './byteWriter.js';
import type { Frame } from './frameReader.js';
import { frameTypes, writeFrame } from './frames.js';
import { SenderStateReader, SenderStateWriter } from './senderState.js';
import { unreadable } from './unreadable.js';
import { readChanges, writeChanges } from './vectorChanges.js';

/** The content of a frame with answers: two vectors, or what an error says. */
export const answerBytesMax = 1024 * 1024;

/** Writes the answers of one connection: each says only what is other than in those before it. */
export class AnswerWriter {
  readonly #state = new SenderStateWriter();
  #received = emptyVector;

  /** The acknowledgement of a message, as one frame. */
  write(writer: ByteWriter, answer: ReplicateAnswer): void {
    writeFrame(writer, frameTypes.answer, () => {
      this.#state.write(writer, answer, 0);
      writeChanges(writer, this.#state.names, this.#received, answer.received);
      writer.number(answer.refused);
    });
    this.#received = answer.received;
  }

  /** A message was refused; as one frame. */
  writeRefusal(writer: ByteWriter, error: KvcError): void {
    writeFrame(writer, frameTypes.refusal, () => {
      writer.number(error.kind.httpStatus);
      writer.text(JSON.stringify(encodeError(error)));
    });
  }
}

/** Reads the answers of one connection. After an error nothing more can be read. */
export class AnswerReader {
  readonly #state = new SenderStateReader();
  #received = emptyVector;

  /**
   * @returns the answer, or the peer's error as what it is
   * @throws KvcError KVC_E_BAD_REQUEST for what is neither
   */
  read({ type, content }: Frame): ReplicateAnswer | KvcError {
    const reader = new ByteReader(content);
    const answer = this.#read(type, reader);
    reader.requireEnd();
    return answer;
  }

  #read(type: number, reader: ByteReader): ReplicateAnswer | KvcError {
    if (type === frameTypes.refusal) {
      const status = reader.number();
      return errorOfText(reader.text(answerBytesMax, 'an error'), status);
    }
    if (type !== frameTypes.answer) throw unreadable(`it is of type ${type}, and no answer`);
    const { from, clock, unreached, bits } = this.#state.read(reader);
    if (bits !== 0) throw unreadable('it says more than is known here');
    this.#received = readChanges(reader, this.#state.names, this.#received);
    return { from, clock, unreached, received: this.#received, refused: reader.number() };
  }
}
