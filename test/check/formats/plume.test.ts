import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { History } from '../../../src/check/history.js';
import type { HistoryAccess, HistoryLine } from '../../../src/check/historyLine.js';
import { operationOfLine } from '../../../src/check/formats/operationLine.js';
import { plumeText } from '../../../src/check/formats/plumeText.js';
import { anyLine, ok } from './histories.js';
import { readText, refusal } from './readText.js';

function historyOf(lines: readonly HistoryLine[]): History {
  return lines.flatMap((line, index) => operationOfLine(line, index + 1) ?? []);
}

function write(value: string | number, wid?: string): HistoryAccess {
  return { type: 'write', key: 'k', value, ...(wid !== undefined && { wid }) };
}

function read(value: string | number | null, wid?: string): HistoryAccess {
  return { type: 'read', key: 'k', value, ...(wid !== undefined && { wid }) };
}

describe("a history in Plume's text", () => {
  it('has transactions in the order of their first lines, 0 for an absent key, and aborted writes', async () => {
    const { history, notes } = await readText(
      [
        'w(0,0,9,9)',
        'w(1,5,0,7)',
        'r(2,0,1,8)',
        'w(2,06,0,7)',
        'w(1,4,1,-1)',
        'r(1,5,1,-1)',
        'r(1,5,0,3)',
        '',
      ].join('\n'),
    );
    const none = { isFinal: false };
    expect(history).toEqual([
      {
        session: 's0',
        accesses: [
          { kind: 'write', key: '1', value: 5 },
          { kind: 'write', key: '2', value: 6 },
        ],
        isTxn: true,
        status: 'ok',
        line: 2,
        ...none,
      },
      {
        session: 's1',
        accesses: [{ kind: 'read', key: '2', returned: [{ value: null }] }],
        isTxn: true,
        status: 'ok',
        line: 3,
        ...none,
      },
      {
        session: 's1',
        accesses: [{ kind: 'write', key: '1', value: 4 }],
        isTxn: false,
        status: 'fail',
        line: 5,
        ...none,
      },
      {
        session: 's0',
        accesses: [{ kind: 'read', key: '1', returned: [{ value: 5 }] }],
        isTxn: true,
        status: 'ok',
        line: 7,
        ...none,
      },
    ]);
    expect(notes).toEqual([
      'transactions that only write 0 were taken for the initial state: 1',
      'reads of aborted transactions were left out: 1',
    ]);
  });

  it('keeps integers apart that a double would not', async () => {
    const { history } = await readText('w(1,9007199254740993,0,0)\nw(1,9007199254740992,0,1)');
    expect(
      history.flatMap(({ accesses }) => accesses.map((each) => each.kind === 'write' && each.value)),
    ).toEqual(['9007199254740993', '9007199254740992']);
  });

  it.each([
    [
      'x(1,2,3,4)',
      'line 2: expected r(key,value,session,txn) or w(key,value,session,txn), all integers, found "x(1,2',
    ],
    ['w(1,2,3)', 'line 2: expected r(key,value,session,txn)'],
    ['w(a,2,3,4)', 'line 2: expected r(key,value,session,txn)'],
    ['w(1,-2,3,4)', 'line 2: expected r(key,value,session,txn)'],
    [`w(1,${'9'.repeat(30)},3,4)`, 'line 2: expected r(key,value,session,txn)'],
    ['w(1,2,1,0)', 'line 2: transaction 0 is of session 1 here, and of 0 on line 1'],
    ['w(1,0,0,0)', 'line 1: transaction 0 writes 0, which stands for the initial value of a key'],
  ])('is refused where it is wrong: %s', async (line, message) => {
    expect(await refusal(`w(1,1,0,0)\n${line}`)).toContain(message);
  });
});

describe("the export to Plume's text", () => {
  it('numbers keys, sessions, transactions and writes', () => {
    const { lines, notes } = plumeText(
      historyOf([
        ok('alice', write('one')),
        ok('bob', read('one')),
        {
          session: 'bob',
          type: 'txn',
          ops: [read('one'), { type: 'write', key: 'l', value: 'one' }],
          status: 'ok',
        },
        { session: 'bob', ...write('two'), status: 'fail' },
        ok('alice', read('two')),
        ok('alice', { type: 'read', key: 'm', value: null }),
      ]),
    );
    expect(lines).toEqual([
      'w(1,1,0,0)',
      'r(1,1,1,1)',
      'r(1,1,1,2)',
      'w(2,4,1,2)',
      'w(1,5,1,-1)',
      'r(1,5,0,3)',
      'r(3,0,0,4)',
    ]);
    expect(notes).toEqual([]);
  });

  it('tells writes of one value apart by their names, also deletes', () => {
    const { lines, notes } = plumeText(
      historyOf([
        ok('s', write(1, 'a:1')),
        ok('s', { type: 'delete', key: 'k', wid: 'a:2' }),
        ok('s', write(1, 'a:3')),
        ok('t', read(1, 'a:3')),
        ok('t', read(null, 'a:2')),
        ok('t', read(1, 'a:1')),
      ]),
    );
    expect(lines.slice(3)).toEqual(['r(1,3,1,3)', 'r(1,2,1,4)', 'r(1,1,1,5)']);
    expect(notes).toEqual(['deletes are writes of a value of their own now: 1']);
  });

  it('leaves out a read that may have returned one of several writes, and says so', () => {
    const { lines, notes } = plumeText(
      historyOf([
        ok('s', write(1)),
        ok('s', write(1)),
        ok('s', { type: 'delete', key: 'k' }),
        ok('t', read(1)),
        ok('t', read(null)),
      ]),
    );
    expect(lines).toHaveLength(3);
    expect(notes).toContain('reads may have returned one of several writes; they are left out: 2');
  });

  it('finds the unnamed write of an answer that was lost by its value, and takes it out of its session', () => {
    const { lines, notes } = plumeText(
      historyOf([
        { session: 's', ...write('seen'), status: 'info' },
        { session: 's', ...write('unseen'), status: 'info' },
        ok('s', write('next', 'a:9')),
        ok('t', read('seen', 'a:7')),
      ]),
    );
    expect(lines).toEqual(['w(1,1,0,0)', 'w(1,3,1,1)', 'r(1,1,2,2)']);
    expect(notes).toEqual([
      'operations that may not have happened were seen; each is a session of its own now: 1',
      'operations that may not have happened were never seen; they are left out: 1',
    ]);
  });

  it('gives what nobody wrote a number that nobody writes', () => {
    const { lines } = plumeText(
      historyOf([ok('s', write(1)), ok('s', read(7)), ok('s', read(8, 'x')), ok('s', read(7))]),
    );
    expect(lines.slice(1)).toEqual(['r(1,5,0,1)', 'r(1,6,0,2)', 'r(1,5,0,3)']);
  });

  it('says what becomes of siblings and final reads', () => {
    const { lines, notes } = plumeText(
      historyOf([
        ok('s', write(1)),
        ok('t', write(2)),
        { session: 's', type: 'read', key: 'k', values: [2, 1], final: true, replica: 'n1', status: 'ok' },
      ]),
    );
    expect(lines[2]).toBe('r(1,2,0,2)');
    expect(notes).toEqual([
      'reads returned siblings; of each only the winner is written: 1',
      'final reads are ordinary reads now; that all replicas agree is not judged: 1',
    ]);
  });

  it('is read again as the same operations, with the same reads of the same writes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { minLength: 1, maxLength: 20 }), async (lines) => {
        const text = plumeText(historyOf(lines)).lines;
        if (text.length === 0) return;
        const again = await readText(text.join('\n'), 'plume');
        expect(plumeText(again.history).lines).toHaveLength(text.length);
        expect(again.notes).toEqual([]);
      }),
    );
  });
});
