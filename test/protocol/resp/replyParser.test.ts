import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplyParser, type RespAnswer } from '../../../src/protocol/resp/replyParser.js';
import { ReplyWriter } from '../../../src/protocol/resp/replyWriter.js';
import { RespError } from '../../../src/protocol/resp/respError.js';

function answersOf(...pieces: readonly (string | Buffer)[]): RespAnswer[] {
  const parser = new ReplyParser();
  const answers: RespAnswer[] = [];
  for (const piece of pieces) {
    parser.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    for (let next = parser.next(); next !== undefined; next = parser.next()) answers.push(next);
  }
  return answers;
}

const { tree } = fc.letrec<{ tree: RespAnswer; list: readonly RespAnswer[] }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.stringMatching(/^[ -~]{0,20}$/),
    fc.maxSafeInteger(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(new RespError('some thing', 'CODE')),
    tie('list'),
  ),
  list: fc.array(tie('tree'), { maxLength: 4 }),
}));

function write(writer: ReplyWriter, answer: RespAnswer): void {
  if (answer === null) writer.nil();
  else if (typeof answer === 'string') writer.simple(answer);
  else if (typeof answer === 'number') writer.integer(answer);
  else if (answer instanceof RespError) writer.error(answer.code, answer.message);
  else if (Buffer.isBuffer(answer)) writer.bulk(answer);
  else {
    writer.array(answer.length);
    for (const each of answer) write(writer, each);
  }
}

describe('answers', () => {
  it('are what was written, in whatever pieces they come', () => {
    fc.assert(
      fc.property(
        fc.array(tree, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.constantFrom<2 | 3>(2, 3),
        (answers, cuts, protocol) => {
          const writer = new ReplyWriter();
          writer.protocol = protocol;
          for (const answer of answers) write(writer, answer);
          const bytes = writer.take() ?? Buffer.alloc(0);
          const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
          expect(answersOf(...ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)))).toEqual(
            answers,
          );
        },
      ),
    );
  });

  it('of version 3 are told as those of version 2', () => {
    expect(answersOf('%1\r\n+k\r\n:1\r\n~2\r\n+a\r\n_\r\n*-1\r\n$-1\r\n')).toEqual([
      ['k', 1],
      ['a', null],
      null,
      null,
    ]);
  });

  it.each(['x\r\n', '+OK\n', '$2\r\nabc\r\n', ':1.5\r\n', ':\r\n', '$-2\r\n', '*-3\r\n', '$1000000000\r\n'])(
    'are not made of %j',
    (bytes) => expect(() => answersOf(bytes)).toThrow('no answer of the Redis protocol'),
  );

  it('are not nested without end, nor lines', () => {
    expect(() => answersOf('*1\r\n'.repeat(20))).toThrow('nested too deeply');
    expect(() => answersOf('+'.padEnd(70_000, 'x'))).toThrow('a line is too long');
  });
});
