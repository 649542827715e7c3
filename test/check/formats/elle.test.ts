import { describe, expect, it } from 'vitest';
import { readText, refusal } from './readText.js';

const edn = `
[{:type :invoke, :f :txn, :value [[:w :x 1] [:r :y nil]], :process 0, :time 1000000, :index 0}
 {:type :info, :f :start-partition, :value {"n1" #{"n2"}}, :process :nemesis, :time 1100000, :index 1}
 #jepsen.history.Op{:type :invoke, :f :txn, :value [[:r :x nil]], :process 1, :time 1200000, :index 2}
 {:type :ok, :f :txn, :value [[:w :x 1] [:r :y nil]], :process 0, :time 3000000, :index 3}
 {:type :fail, :f :txn, :value [[:r :x nil]], :process 1, :error [:duplicate-key "x"], :index 4}
 {:type :invoke, :f :txn, :value [[:w "x" 2] [:r :x nil]], :process 1, :index 5}
 {:type :info, :f :txn, :value nil, :error :timeout, :process 1, :index 6}
 {:type :invoke, :f :txn, :value [[:w 5 :late]], :process 2, :index 7}]
`;

describe('a history of Jepsen', () => {
  it('is read as EDN: operations where they end, reads of what failed left out, the nemesis ignored', async () => {
    const { history, format, notes } = await readText(edn);
    expect(format).toBe('elle');
    expect(history).toEqual([
      {
        session: 'p0',
        accesses: [
          { kind: 'write', key: ':x', value: 1 },
          { kind: 'read', key: ':y', returned: [{ value: null }] },
        ],
        isTxn: true,
        status: 'ok',
        startMs: 1,
        endMs: 3,
        isFinal: false,
        line: 5,
      },
      {
        session: 'p1',
        accesses: [{ kind: 'write', key: 'x', value: 2 }],
        isTxn: true,
        status: 'info',
        isFinal: false,
        line: 7,
      },
      {
        session: 'p2',
        accesses: [{ kind: 'write', key: '5', value: ':late' }],
        isTxn: true,
        status: 'info',
        isFinal: false,
        line: 9,
      },
    ]);
    expect(notes).toEqual([
      'entries of no client, such as the nemesis, were left out: 1',
      'operations never ended; they may or may not have happened: 1',
      'reads that did not succeed returned nothing, and prove nothing: 1',
    ]);
  });

  it('is read as JSON to the same', async () => {
    const { history } = await readText(
      '[{"index":0,"process":0,"type":"invoke","f":"txn","value":[["w","x",2]]},\n' +
        ' {"index":1,"process":0,"type":"fail","f":"txn","value":[["w","x",2]]},\n' +
        ' {"index":2,"process":"nemesis","type":"info","f":"kill","value":null},\n' +
        ' {"index":3,"process":1,"type":"ok","f":"txn","value":[["r","x",2],["r",1,null]]}]',
    );
    expect(history.map(({ session, accesses, status, line }) => [session, accesses, status, line])).toEqual([
      ['p0', [{ kind: 'write', key: 'x', value: 2 }], 'fail', 1],
      [
        'p1',
        [
          { kind: 'read', key: 'x', returned: [{ value: 2 }] },
          { kind: 'read', key: '1', returned: [{ value: null }] },
        ],
        'ok',
        4,
      ],
    ]);
  });

  it('may be of one register, or of several independent ones', async () => {
    const { history } = await readText(
      [
        '{:type :invoke :f :write :value 1 :process 0}',
        '{:type :ok :f :write :value nil :process 0}',
        '{:type :ok :f :read :value 1 :process 0}',
        '{:type :ok :f :write :value [:k 3] :process 1}',
        '{:type :ok :f :read :value [:k nil] :process 1}',
      ].join('\n'),
    );
    expect(history.map(({ accesses, isTxn }) => [isTxn, ...accesses])).toEqual([
      [false, { kind: 'write', key: 'register', value: 1 }],
      [false, { kind: 'read', key: 'register', returned: [{ value: 1 }] }],
      [false, { kind: 'write', key: ':k', value: 3 }],
      [false, { kind: 'read', key: ':k', returned: [{ value: null }] }],
    ]);
  });

  it('keeps keys and values of different kinds apart', async () => {
    const { history } = await readText(
      '{:process 0 :type :ok :f :txn :value [[:w 1 1] [:w "1" "1"] [:w :a :b] [:w "a" ":b"] [:w a 12345678901234567890]]}',
    );
    const [{ accesses } = { accesses: [] }] = history;
    expect(accesses.map((each) => [each.key, each.kind === 'write' && each.value])).toEqual([
      ['1', 1],
      ['"1"', '1'],
      [':a', ':b'],
      ['a', '":b"'],
      ['a', '12345678901234567890N'],
    ]);
  });

  it.each([
    ['{:process 0 :type :ok :f :txn :value [[:append :x 1]]}', ':append belongs to a list-append history'],
    ['{:process 0 :type :ok :f :txn :value [[:r :x [1 2]]]}', 'lists come from list-append tests'],
    ['{:process 0 :type :ok :f :cas :value [1 2]}', 'the operation :cas is none that this checker judges'],
    ['{:process 0 :type :ok :value 1}', 'the operation has no :f; it judges :txn of :r and :w (rw-register)'],
    ['{:type :ok :f :read :value 1}', 'the operation has no :process'],
    ['{:process 0 :f :read}', ':type must be :invoke, :ok, :fail or :info, found "nil"'],
    ['{:process 0 :type :done}', ':type must be :invoke, :ok, :fail or :info, found ":done"'],
    [
      '{:process 0 :type :ok :f :txn :value nil}',
      ':value of a :txn must be a vector like [[:w :x 1] [:r :y nil]]',
    ],
    ['{:process 0 :type :ok :f :txn :value [[:w :x]]}', ':value of a :txn must have accesses like [:w :x 1]'],
    ['{:process 0 :type :ok :f :txn :value [[:w nil 1]]}', ':value has an access to the key nil'],
    ['{:process 0 :type :ok :f :read :value [1 2 3]}', ':value must be a value, or [key value]'],
    [':not-an-operation', 'expected an operation {...}, found ":not-an-operation"'],
    ['{:process 0 :type :ok', 'not EDN: the text ends before a "}"'],
    [
      '{:process 0 :type :invoke :f :read}\n{:process 0 :type :invoke :f :read}',
      'line 3: process 0 begins an operation while its last one, of line 2, is not over',
    ],
    ['{:process :nemesis :type :info}', 'the history is empty'],
  ])('is refused where it cannot be judged: %s', async (text, message) => {
    expect(await refusal(`; refused\n${text}`)).toContain(message);
  });

  it('in JSON is refused where an integer has been rounded', async () => {
    const text = '{"process":0,"type":"ok","f":"write","value":9007199254740993}';
    expect(await refusal(text)).toBe(
      'line 1: :value has an integer beyond 2^53, which JSON readers round; write it as text',
    );
  });
});
