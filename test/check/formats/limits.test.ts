import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/check/history.js';
import { ElleReader } from '../../../src/check/formats/elleReader.js';
import { historyLimits } from '../../../src/check/formats/historyLimits.js';
import { OperationList } from '../../../src/check/formats/operationList.js';
import { PlumeReader } from '../../../src/check/formats/plumeReader.js';
import { readText, refusal } from './readText.js';

const { accessesMax, operationsMax, siblingsMax, elleCharactersMax } = historyLimits;

function ndjsonTxn(length: number): string {
  const ops = Array.from({ length }, () => ({ type: 'write', key: 'k', value: 1 }));
  return JSON.stringify({ session: 's', type: 'txn', ops, status: 'ok' });
}

function elleTxn(length: number): string {
  return `{:process 0 :type :ok :f :txn :value [${'[:w 1 1]'.repeat(length)}]}`;
}

function plumeTxn(length: number): string {
  return 'w(1,1,0,0)\n'.repeat(length);
}

describe('the limit of a history', () => {
  it.each([
    ['NDJSON', ndjsonTxn, `line 1: ops has ${accessesMax + 1} elements; the limit is ${accessesMax}`],
    ['EDN', elleTxn, `line 1: :value has ${accessesMax + 1} accesses; the limit is ${accessesMax}`],
    [
      'Plume',
      plumeTxn,
      `line ${accessesMax + 1}: a transaction of more than ${accessesMax} accesses, the limit`,
    ],
  ])('is so many accesses of a transaction, in %s', async (_format, txn, message) => {
    expect((await readText(txn(accessesMax), undefined, 65_536)).history[0]?.accesses).toHaveLength(
      accessesMax,
    );
    expect(await refusal(txn(accessesMax + 1))).toBe(message);
  });

  it('is so many siblings of a read', async () => {
    const values = Array.from({ length: siblingsMax + 1 }, (_none, index) => index);
    const line = JSON.stringify({ session: 's', type: 'read', key: 'k', values, status: 'ok' });
    expect(await refusal(line)).toBe(
      `line 1: values has ${siblingsMax + 1} elements; the limit is ${siblingsMax}`,
    );
  });

  it('is so many operations', () => {
    const list = new OperationList();
    const operation: Operation = {
      session: 's',
      accesses: [],
      isTxn: true,
      status: 'ok',
      isFinal: false,
      line: 9,
    };
    for (let count = 0; count < operationsMax; count += 1) list.add(operation);
    expect(() => list.add(operation)).toThrow(
      `line 9: more than ${operationsMax} operations, which is the limit`,
    );
    expect(list.history).toHaveLength(operationsMax);
  });

  it('is so many characters of EDN or JSON, which is read as a whole', () => {
    const reader = new ElleReader();
    reader.line(' '.repeat(elleCharactersMax - 1), 1);
    expect(() => reader.line('', 2)).toThrow(
      `line 2: the history has more than ${elleCharactersMax} characters`,
    );
  });

  it('spares the initial state of Plume, however many keys it has', () => {
    const reader = new PlumeReader();
    for (let key = 0; key <= accessesMax; key += 1) reader.line(`w(${key},0,0,0)`, key + 1);
    expect(reader.end().history).toEqual([]);
  });
});
