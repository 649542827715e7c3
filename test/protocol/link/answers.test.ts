import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvcError } from '../../../src/errors.js';
import { AnswerReader, AnswerWriter, answerBytesMax } from '../../../src/protocol/link/answerCodec.js';
import { ByteWriter } from '../../../src/protocol/link/byteWriter.js';
import { FrameReader } from '../../../src/protocol/link/frameReader.js';
import type { ReplicateAnswer } from '../../../src/protocol/replicateMessage.js';
import { message, vector } from '../arbitraries.js';

const answer: fc.Arbitrary<ReplicateAnswer> = fc
  .record({ message, received: vector, refused: fc.nat() })
  .map(({ message: { from, clock, unreached }, received, refused }) => ({
    from,
    clock,
    unreached,
    received,
    refused,
  }));
const refusal = fc.record({ text: fc.string({ unit: 'binary' }), dot: fc.string() });
const connection = fc.array(fc.oneof(answer, refusal), { maxLength: 8 });

function written(answers: readonly (ReplicateAnswer | { text: string; dot: string })[]): Buffer {
  const writer = new ByteWriter();
  const sender = new AnswerWriter();
  for (const each of answers) {
    if ('text' in each) {
      const { text, dot } = each;
      sender.writeRefusal(writer, new KvcError('KVC_E_DOT_REUSED', text, { dot }));
    } else sender.write(writer, each);
  }
  return writer.take();
}

function read(bytes: Buffer): (ReplicateAnswer | KvcError)[] {
  const frames = new FrameReader(answerBytesMax);
  const receiver = new AnswerReader();
  const answers: (ReplicateAnswer | KvcError)[] = [];
  frames.push(bytes);
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
    answers.push(receiver.read(frame));
  }
  return answers;
}

describe('the answers of a link', () => {
  it('are read as they were written, refusals between them', () => {
    fc.assert(
      fc.property(connection, (answers) => {
        const got = read(written(answers));
        expect(got).toHaveLength(answers.length);
        for (const [index, each] of answers.entries()) {
          if (!('text' in each)) expect(got[index]).toEqual(each);
          else {
            // Half of a surrogate pair has no UTF-8 form.
            const text = each.text.toWellFormed();
            expect(got[index]).toMatchObject({ code: 'KVC_E_DOT_REUSED', message: text });
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('that are damaged are answers or a KvcError', () => {
    const damage = fc.record({ answers: connection, at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(damage, ({ answers, at, bits }) => {
        const bytes = Buffer.from(written(answers));
        if (bytes.length > 0) bytes[at % bytes.length]! ^= bits;
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(KvcError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
