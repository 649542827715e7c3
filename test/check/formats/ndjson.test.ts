import { describe, expect, it } from 'vitest';
import { historyLimits } from '../../../src/check/formats/historyLimits.js';
import { ok, textOf } from './histories.js';
import { readText, refusal } from './readText.js';

const write = '{"session":"s","type":"write","key":"a","value":1,"status":"ok"}';

function withFields(fields: object): string {
  return JSON.stringify({ session: 's', type: 'read', key: 'a', value: 1, status: 'ok', ...fields });
}

describe('a history in NDJSON', () => {
  it('is read with all that it tells of an operation', async () => {
    const { history, format } = await readText(
      '{"session":"alice","type":"txn","wid":"n1:1","ops":[{"type":"write","key":"a","value":"1"},{"type":"delete","key":"b"}],' +
        '"start":1.5,"end":2,"status":"info","replica":"node1"}\n\r\n' +
        '{"session":"bob","type":"read","key":"a","values":["1",null],"wids":["n1:1","n2:1"],"status":"ok","final":true,"replica":"node2"}',
    );
    expect(format).toBe('ndjson');
    expect(history).toEqual([
      {
        session: 'alice',
        accesses: [
          { kind: 'write', key: 'a', value: '1', wid: 'n1:1' },
          { kind: 'write', key: 'b', value: null, wid: 'n1:1' },
        ],
        isTxn: true,
        status: 'info',
        startMs: 1.5,
        endMs: 2,
        replica: 'node1',
        isFinal: false,
        line: 1,
      },
      {
        session: 'bob',
        accesses: [
          {
            kind: 'read',
            key: 'a',
            returned: [
              { value: '1', wid: 'n1:1' },
              { value: null, wid: 'n2:1' },
            ],
          },
        ],
        isTxn: false,
        status: 'ok',
        replica: 'node2',
        isFinal: true,
        line: 3,
      },
    ]);
  });

  it('keeps only the writes of what did not certainly succeed, for its reads returned nothing', async () => {
    const { history, notes } = await readText(
      textOf([
        { session: 's', type: 'read', key: 'a', status: 'info' },
        {
          session: 's',
          type: 'txn',
          ops: [
            { type: 'read', key: 'a' },
            { type: 'write', key: 'b', value: 1 },
          ],
          status: 'fail',
        },
      ]),
    );
    expect(history.map(({ accesses }) => accesses)).toEqual([[{ kind: 'write', key: 'b', value: 1 }]]);
    expect(notes).toEqual(['reads that did not succeed returned nothing, and prove nothing: 1']);
  });

  it('holds 1 and "1" apart', async () => {
    const { history } = await readText(
      textOf([
        ok('s', { type: 'write', key: 'a', value: 1 }),
        ok('s', { type: 'write', key: 'a', value: '1' }),
      ]),
    );
    expect(
      history.flatMap(({ accesses }) => accesses.map((each) => each.kind === 'write' && each.value)),
    ).toEqual([1, '1']);
  });
});

describe('the times of a session', () => {
  const timed = (session: string, start: number, end: number) => ({
    ...ok(session, { type: 'delete', key: 'a' }),
    start,
    end,
  });

  it('are told of where it did several things at once', async () => {
    const { history, notes } = await readText(
      textOf([timed('s', 0, 100), timed('s', 50, 60), timed('t', 55, 58), timed('s', 99, 120)]),
    );
    expect(history).toHaveLength(4);
    expect(notes).toEqual([expect.stringMatching(/^operations began before the last one .*: 2$/)]);
  });

  it('may be those of one request for its final reads', async () => {
    const read = { ...ok('s', { type: 'read', key: 'a', value: null }), start: 0, end: 9 };
    const { notes } = await readText(
      textOf([read, read].map((each) => ({ ...each, final: true, replica: 'n' }))),
    );
    expect(notes).toEqual([]);
  });

  it('may touch, and may be missing', async () => {
    const untimed = ok('s', { type: 'delete', key: 'a' });
    const { notes } = await readText(textOf([timed('s', 0, 5), untimed, timed('s', 5, 5), timed('s', 5, 9)]));
    expect(notes).toEqual([]);
  });
});

describe('a line that is wrong', () => {
  it.each([
    ['not JSON at all', 'line 1: not JSON'],
    ['[1]', 'line 1: an operation must be an object {...}, received an array of 1'],
    [withFields({ session: undefined }), 'session must be text, received nothing'],
    [withFields({ session: '' }), 'session must not be empty'],
    [withFields({ session: 7 }), 'session must be text, received 7'],
    [withFields({ type: 'cas' }), 'type must be "read" or "write" or "delete" or "txn", received "cas"'],
    [withFields({ status: 'done' }), 'status must be "ok" or "fail" or "info", received "done"'],
    [withFields({ status: undefined }), 'status must be "ok" or "fail" or "info", received nothing'],
    [withFields({ key: undefined }), 'key must be text, received nothing'],
    [withFields({ key: 'k'.repeat(5000) }), 'key has 5000 characters; the limit is 4096'],
    [withFields({ vlaue: 1 }), 'vlaue is not a field of the format; it has session, type, key, value'],
    [
      withFields({ value: undefined }),
      'value is missing: what did the read return? null if the key was absent',
    ],
    [
      withFields({ value: [1] }),
      'value must be text, a number or a boolean, or null, received an array of 1',
    ],
    [
      withFields({ value: 2 ** 53 }),
      'value is an integer beyond 2^53, which JSON readers round; write it as text',
    ],
    ['{"session":"s","type":"write","key":"a","value":1e999,"status":"ok"}', 'value is a number beyond what'],
    [withFields({ wid: '' }), 'wid must not be empty'],
    [withFields({ values: [1, 2], wids: ['x', ''] }), 'wids[1] must not be empty'],
    [withFields({ replica: '' }), 'replica must not be empty'],
    [withFields({ wid: 1 }), 'wid must be text, received 1'],
    [withFields({ wids: ['x'] }), 'wids needs values'],
    [withFields({ values: [] }), 'values must be an array of at least one'],
    [withFields({ values: [2, 1] }), 'value must be the first of values, which is the winner'],
    [withFields({ values: [1, 2], wid: 'x' }), 'wid names one of several values; use wids'],
    [withFields({ values: [1, 2], wids: ['x'] }), 'wids has 1 names for 2 values'],
    [withFields({ values: [1, 2], wids: ['x', 1] }), 'wids[1] must be text, received 1'],
    [withFields({ values: [1, 2], wids: ['x', 'y'], wid: 'y' }), 'wid must be the first of wids'],
    [
      withFields({ values: [1, {}] }),
      'values[1] must be text, a number or a boolean, or null, received an object',
    ],
    [withFields({ ops: [] }), 'ops belongs to the type "txn" only'],
    [withFields({ start: 'noon' }), 'start must be a number, received "noon"'],
    [withFields({ end: null }), 'end must be a number, received null'],
    [withFields({ replica: 1 }), 'replica must be text, received 1'],
    [withFields({ final: true }), 'replica is missing: a final read must say where it was made'],
    [withFields({ final: 'yes' }), 'final must be true or false, received "yes"'],
    [withFields({ type: 'write', final: true, replica: 'n' }), 'final belongs to reads only'],
    [withFields({ type: 'write', value: null }), 'value is null; to delete a key use type "delete"'],
    [
      withFields({ type: 'write', value: undefined }),
      'value must be text, a number or a boolean, received nothing',
    ],
    [withFields({ type: 'write', values: [1] }), 'values belongs to reads only'],
    [withFields({ type: 'delete' }), 'value does not belong to a "delete"'],
    [withFields({ type: 'txn', ops: [] }), 'key does not belong to a "txn"'],
    [
      withFields({ type: 'txn', key: undefined, value: undefined, ops: [] }),
      'ops must be an array of at least one',
    ],
    [
      withFields({ type: 'txn', key: undefined, value: undefined, ops: [{ type: 'txn' }] }),
      'ops[0].type must be "read" or "write" or "delete", received "txn"',
    ],
    [
      withFields({
        type: 'txn',
        key: undefined,
        value: undefined,
        ops: [{ type: 'read', key: 'a', vaule: 1 }],
      }),
      'ops[0].vaule is not a field of the format',
    ],
    [
      withFields({ type: 'txn', key: undefined, value: undefined, ops: [3] }),
      'ops[0] must be an object {...}, received 3',
    ],
  ])('is refused with its field and what to do: %s', async (line, message) => {
    expect(await refusal(`${write}\n${line}`)).toContain(message.replace('line 1', 'line 2'));
    expect(await refusal(`${write}\n${line}`)).toMatch(/^line 2: /);
  });

  it('is refused before it takes all memory', async () => {
    const long = withFields({ value: 'v'.repeat(historyLimits.lineCharactersMax) });
    expect(await refusal(`${write}\n${long}`, 'ndjson')).toBe(
      `line 2: longer than ${historyLimits.lineCharactersMax} characters, which is the limit`,
    );
  });
});
