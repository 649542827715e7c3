import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/check/history.js';
import type { Value } from '../../../src/check/historyLine.js';
import { operationText, writeNames } from '../../../src/view/check/operationText.js';
import { parseHistory } from '../../check/parseHistory.js';

function texts(history: string): string[] {
  return parseHistory(history).map(operationText);
}

function written(key: string, value: Value): Operation {
  const accesses = [{ kind: 'write' as const, key, value }];
  return { session: 's', accesses, isTxn: false, status: 'ok', isFinal: false, line: 1 };
}

describe('an operation on a line', () => {
  it('says what was written, deleted and returned', () => {
    expect(texts('s w x one\ns d x\ns r x one\ns r x -\ns r x one|two|-')).toEqual([
      'x = one',
      'delete x',
      'x → one',
      'x → (none)',
      'x → one | two | (none)',
    ]);
  });

  it('has what was one transaction in braces, and what is not certain by its word', () => {
    expect(texts('s w x one, r y two\ns info w x one\ns fail w x one, d y')).toEqual([
      '{x = one; y → two}',
      'x = one (info)',
      '{x = one; delete y} (fail)',
    ]);
  });

  it('tells text from what it looks like', () => {
    const values = [1, '1', true, 'true', 'a b', '', 'null', 'node1:7'];
    expect(values.map((value) => operationText(written('x', value)))).toEqual([
      'x = 1',
      'x = "1"',
      'x = true',
      'x = "true"',
      'x = "a b"',
      'x = ""',
      'x = "null"',
      'x = node1:7',
    ]);
  });

  it('is short and harmless whatever is in it', () => {
    expect(operationText(written('\u001b[2J\n', '\u202eevil'))).toBe('\\x1b[2J\\n = "\\u202eevil"');
    expect(operationText(written('k'.repeat(5000), '💥'.repeat(5000))).length).toBeLessThan(100);
    const many = Array.from({ length: 20 }, (_none, index) => `w k${index} v`).join(', ');
    expect(texts(`s ${many}`)).toEqual(['{k0 = v; k1 = v; k2 = v; k3 = v; 16 more}']);
  });

  it('names its writes once each', () => {
    const [operation] = parseHistory('s w x 1@n1:1, w y 2@n1:1, r z 3@n2:5, r q -');
    expect(operation && writeNames(operation)).toEqual(['n1:1', 'n2:5']);
  });
});
