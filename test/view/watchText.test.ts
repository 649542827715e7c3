import { describe, expect, it } from 'vitest';
import type { WatchedWriteJson } from '../../src/protocol/watchApi.js';
import { changeText, missedText, stateText } from '../../src/view/watchText.js';

const dot = { node: 'node1', counter: 7 };

function textOf(...writes: WatchedWriteJson[]): string {
  return changeText({ dot, writes, time_ms: 1, session: 's', cursor: 'c' });
}

describe('what a watch prints', () => {
  it.each<[WatchedWriteJson, string]>([
    [{ key: 'a', kind: 'put', value: '1' }, 'node1:7  a = 1'],
    [{ key: 'a', kind: 'put', value: '' }, 'node1:7  a = (empty)'],
    [{ key: 'a\n', kind: 'put', value: 'x\u001b[2J' }, 'node1:7  a\\n = x\\x1b[2J'],
    [{ key: 'a', kind: 'put', value: '/w==', encoding: 'base64' }, 'node1:7  a = /w== (base64)'],
    [
      { key: 'a', kind: 'put', value: '1', expires_at_ms: 0 },
      'node1:7  a = 1   expires 1970-01-01T00:00:00.000Z',
    ],
    [{ key: 'a', kind: 'delete' }, 'node1:7  a deleted'],
    [{ key: 'a', kind: 'increment', amount: 5 }, 'node1:7  a += 5'],
    [{ key: 'a', kind: 'increment', amount: -5 }, 'node1:7  a -= 5'],
    [{ key: 'a', kind: 'add', value: 'x' }, 'node1:7  a += x'],
    [{ key: 'a', kind: 'remove', value: 'x' }, 'node1:7  a -= x'],
    [
      { key: 'a', kind: 'expire', expired: { node: 'node2', counter: 3 } },
      'node1:7  a expired, written by node2:3',
    ],
  ])('of %j', (write, text) => {
    expect(textOf(write)).toBe(text);
  });

  it('of a batch is a line for each write', () => {
    expect(textOf({ key: 'a', kind: 'put', value: '1' }, { key: 'b', kind: 'delete' })).toBe(
      'node1:7  a = 1\nnode1:7  b deleted',
    );
  });

  it('of a key after a gap', () => {
    expect(stateText({ key: 'a', value: '1', dot, siblings: [] })).toBe('node1:7  a = 1   as it is');
    const siblings = [{ value: '2', dot: { node: 'node2', counter: 1 } }];
    expect(stateText({ key: 'a', value: '1', dot, siblings })).toBe('node1:7  a = 1   as it is   1 sibling');
  });

  it('of what was missed', () => {
    expect(missedText({ missed: { node1: [3, 9], node2: [4, 4] } })).toBe('node1:3 to node1:9, node2:4');
  });
});
