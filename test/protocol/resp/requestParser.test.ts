import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestParser } from '../../../src/protocol/resp/requestParser.js';
import { RespError } from '../../../src/protocol/resp/respError.js';

/** All requests that come of bytes which arrive in these pieces; words as latin1. The last may be an error's message. */
function requestsOf(pieces: readonly Buffer[]): string[][] {
  const parser = new RequestParser();
  const requests: string[][] = [];
  try {
    for (const piece of pieces) {
      parser.push(piece);
      for (let words = parser.next(); words !== undefined; words = parser.next()) {
        requests.push(words.map((word) => word.toString('latin1')));
      }
    }
  } catch (error) {
    if (!(error instanceof RespError)) throw error;
    requests.push([error.message]);
  }
  return requests;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function encoded(requests: readonly (readonly Buffer[])[]): Buffer {
  return Buffer.concat(
    requests.flatMap((words) => [
      bytesOf(`*${words.length}\r\n`),
      ...words.flatMap((word) => [bytesOf(`$${word.length}\r\n`), word, bytesOf('\r\n')]),
    ]),
  );
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const words = fc.array(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  {
    minLength: 1,
    maxLength: 5,
  },
);

describe('requests', () => {
  it('are the same wherever the bytes are cut', () => {
    const bytes = bytesOf(
      '*2\r\n$3\r\nGET\r\n$2\r\n\r\n\r\n*1\r\n$0\r\n\r\nPING "a b"\r\n*0\r\n\r\n*1\r\n$4\r\nPING\r\n',
    );
    const whole = requestsOf([bytes]);
    expect(whole).toEqual([['GET', '\r\n'], [''], ['PING', 'a b'], ['PING']]);
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        expect(requestsOf(cutAt(bytes, [first, second]))).toEqual(whole);
      }
    }
    expect(requestsOf(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(whole);
  });

  it('hold any bytes, in whatever pieces they come', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 5 }), fc.array(fc.nat()), (requests, places) => {
        const expected = requests.map((each) => each.map((word) => word.toString('latin1')));
        expect(requestsOf(cutAt(encoded(requests), places))).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('of random or damaged bytes are requests or an error, the same in any pieces', () => {
    const damaged = fc
      .tuple(fc.array(words, { minLength: 1, maxLength: 3 }), fc.nat(), fc.nat(255))
      .map(([requests, place, byte]) => {
        const bytes = encoded(requests);
        bytes[place % bytes.length] = byte;
        return bytes;
      });
    const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, random), fc.array(fc.nat()), (bytes, places) => {
        expect(requestsOf(cutAt(bytes, places))).toEqual(requestsOf([bytes]));
      }),
      { numRuns: 3000 },
    );
  });

  it('are parts of what was received, not copies', () => {
    const parser = new RequestParser();
    const chunk = bytesOf('*1\r\n$4\r\nPING\r\n');
    parser.push(chunk);
    expect(parser.next()?.[0]?.buffer).toBe(chunk.buffer);
  });
});

describe('what is no request', () => {
  const cases = [
    ['*1\r\n+PING\r\n', "expected '$', got '+'"],
    ['*x\r\n', 'invalid multibulk length'],
    ['*1000000\r\n', 'invalid multibulk length'],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$99999999\r\n', 'invalid bulk length'],
    [`*1\r\n$${'0'.repeat(100)}`, 'invalid bulk length'],
    ['*1\r\n$4\r\nPINGxx', 'expected a line end behind a bulk'],
    ['PING "\r\n', 'unbalanced quotes in request'],
    ['PING "a"b\r\n', 'unbalanced quotes in request'],
    ['x'.repeat(70_000), 'too big inline request'],
  ] as const;

  it.each(cases)('%j is refused', (text, problem) => {
    expect(requestsOf([bytesOf(text)])).toEqual([[`Protocol error: ${problem}`]]);
  });

  it('ends all: nothing behind it is read', () => {
    const parser = new RequestParser();
    parser.push(bytesOf('*x\r\nPING\r\n'));
    expect(() => parser.next()).toThrow(RespError);
    expect(parser.isBroken).toBe(true);
    parser.push(bytesOf('PING\r\n'));
    expect(parser.next()).toBeUndefined();
  });
});

describe('lines of words', () => {
  it('may be quoted, with escapes', () => {
    const text = String.raw`SET "a\x41\n\"" 'it\'s' ""` + '\n';
    expect(requestsOf([bytesOf(text)])).toEqual([['SET', 'aA\n"', "it's", '']]);
  });
});
