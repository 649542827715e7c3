import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser, type ServerSentEvent } from '../../src/client/sseParser.js';
import { hasCode } from '../../src/errors.js';

const utf8 = new TextEncoder();

function parse(...chunks: (string | Uint8Array)[]): ServerSentEvent[] {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(typeof chunk === 'string' ? utf8.encode(chunk) : chunk));
}

const sample = [
  ': a comment\n\n',
  'id: 1\nevent: change\ndata: {"a":"ü€😀"}\n\n',
  'id: 2\r\nevent: state\r\ndata:first\r\ndata: second\r\n\r\n',
  'id: 3\revent: ready\rdata: x\r\r',
  'id: 4\n\n',
  'data:  two spaces\nretry: 7\nunknown\n\n',
].join('');

const sampleEvents: ServerSentEvent[] = [
  { type: 'change', data: '{"a":"ü€😀"}', id: '1' },
  { type: 'state', data: 'first\nsecond', id: '2' },
  { type: 'ready', data: 'x', id: '3' },
  { type: 'message', data: ' two spaces', id: '4' },
];

describe('SseParser', () => {
  it('reads all ends of lines, comments, ids without data, and data of many lines', () => {
    expect(parse(sample)).toEqual(sampleEvents);
  });

  it('reads the same wherever the bytes are cut in two', () => {
    const bytes = utf8.encode(sample);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(parse(bytes.subarray(0, cut), bytes.subarray(cut)), `cut at ${cut}`).toEqual(sampleEvents);
    }
  });

  it('reads the same byte by byte, and in any pieces', () => {
    const bytes = utf8.encode(sample);
    expect(parse(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(sampleEvents);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const edges = [0, ...cuts.sort((left, right) => left - right), bytes.length];
        const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        expect(parse(...pieces)).toEqual(sampleEvents);
      }),
    );
  });

  it('reads back what was written, whatever the text', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
    fc.assert(
      fc.property(
        fc.array(
          line.filter((text) => text !== ''),
          { minLength: 1 },
        ),
        (lines) => {
          const text = lines.map((each) => `data: ${each}\n`).join('');
          expect(parse(`${text}\n`).map(({ data }) => data)).toEqual([lines.join('\n')]);
        },
      ),
    );
  });

  it('skips a byte order mark at the beginning', () => {
    expect(parse('\uFEFFdata: x\n\n')).toEqual([{ type: 'message', data: 'x', id: '' }]);
  });

  it('gives no event that has not ended', () => {
    expect(parse('data: x\n')).toEqual([]);
  });

  it('remembers an id that came without an event', () => {
    const parser = new SseParser();
    expect(parser.push(utf8.encode('id: 5\n'))).toEqual([]);
    expect(parser.lastId).toBe('');
    expect(parser.push(utf8.encode('\n'))).toEqual([]);
    expect(parser.lastId).toBe('5');
  });

  it.each([
    ['a line that does not end', ['data: ', 'x'.repeat(50), 'x'.repeat(50)]],
    ['an event that does not end', Array.from({ length: 20 }, () => 'data: 12345\n')],
  ])('refuses %s', (_, chunks) => {
    const parser = new SseParser(100);
    let thrown: unknown;
    try {
      for (const chunk of chunks) parser.push(utf8.encode(chunk));
    } catch (error) {
      thrown = error;
    }
    expect(hasCode(thrown, 'KVC_E_MESSAGE_TOO_LARGE')).toBe(true);
  });

  it('takes any number of events within the limit', () => {
    const parser = new SseParser(100);
    const events = Array.from({ length: 50 }, () => parser.push(utf8.encode('data: 12345\n\n'))).flat();
    expect(events).toHaveLength(50);
  });
});
