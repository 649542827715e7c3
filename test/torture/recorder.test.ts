import { describe, expect, it } from 'vitest';
import type { HistoryLine } from '../../src/check/historyLine.js';
import { KvcError } from '../../src/errors.js';
import { operationsMax, Recorder } from '../../src/torture/recorder.js';

const read: HistoryLine = { session: 's', type: 'read', key: 'a', value: null, status: 'ok' };

function write(key: string, status: 'ok' | 'info' | 'fail'): HistoryLine {
  return { session: 's', type: 'write', key, value: 'x', status };
}

describe('a recorder', () => {
  it('keeps every operation, in the order in which they ended', () => {
    const recorder = new Recorder();
    const lines = [write('a', 'info'), read, write('b', 'fail')];
    for (const line of lines) recorder.add(line);
    expect(recorder.lines).toEqual(lines);
  });

  it('knows the keys that were written last, the last one first: of acknowledged writes, deletes and batches only', () => {
    const recorder = new Recorder();
    recorder.add(write('a', 'ok'));
    recorder.add({ session: 's', type: 'delete', key: 'b', status: 'ok' });
    recorder.add(write('lost', 'info'));
    recorder.add(write('refused', 'fail'));
    recorder.add({ ...read, key: 'read' });
    recorder.add({
      session: 's',
      type: 'txn',
      status: 'ok',
      ops: [
        { type: 'write', key: 'c', value: 'x' },
        { type: 'read', key: 'seen', value: 'x' },
        { type: 'delete', key: 'a' },
      ],
    });
    expect(recorder.recent.newest()).toEqual(['a', 'c', 'b']);
  });

  it('is full with as many operations as can be judged', () => {
    const recorder = new Recorder();
    for (let count = 1; count < operationsMax; count += 1) recorder.add(read);
    expect(recorder.isFull).toBe(false);
    recorder.add(read);
    expect(recorder.isFull).toBe(true);
  });

  it('counts failures by their code', () => {
    const recorder = new Recorder();
    for (const code of ['KVC_E_OVERLOADED', 'KVC_E_REMOVED', 'KVC_E_OVERLOADED'] as const) {
      recorder.failed(new KvcError(code, 'no'));
    }
    expect(Object.fromEntries(recorder.tally.failures)).toEqual({ KVC_E_OVERLOADED: 2, KVC_E_REMOVED: 1 });
  });

  it('remembers what clients were told of, so that no disk is lost that alone has it', () => {
    const recorder = new Recorder();
    recorder.answered({ node1: 3 });
    recorder.answered({ node1: 2, node2: 1 });
    expect(recorder.seen.missingFrom([{ node1: 2 }], () => false)).toEqual(['node1:3', 'node2:1']);
  });
});
