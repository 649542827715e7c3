import { describe, expect, it } from 'vitest';
import { newNodeName } from '../../src/cli/newNodeName.js';
import { parseCount } from '../../src/cli/parseCount.js';
import { parseDelay } from '../../src/notation/parseDelay.js';
import { parseDuration } from '../../src/notation/parseDuration.js';
import { parseGroups } from '../../src/notation/parseGroups.js';
import { parsePairs } from '../../src/cli/parsePairs.js';
import { parsePercent } from '../../src/notation/parsePercent.js';
import { parseSeed } from '../../src/cli/parseSeed.js';
import { parseLink, parseTarget } from '../../src/notation/parseTarget.js';
import { readStdin } from '../../src/cli/readStdin.js';
import { KvcError } from '../../src/errors.js';

const names = {
  resolveNode(text: string) {
    const name = /^[1-9]$/.test(text) ? `node${text}` : text;
    if (['node1', 'node2', 'node3'].includes(name)) return { name };
    throw new KvcError('KVC_E_NODE_UNKNOWN', `there is no ${text}`);
  },
};

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof KvcError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['200ms', 200],
    ['5s', 5000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h30m', 5_400_000],
    ['0.4ms', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', 's', '-5s', '5 s', '5S', '1e3s', '5s!', '.5s', '5d', '５s'])('refuses %j', (text) => {
    expect(codeOf(() => parseDuration(text))).toBe('KVC_E_USAGE');
  });

  it('shows how to write one, and quotes what it got', () => {
    expect(() => parseDuration('soon')).toThrow(/"soon".*5s, 200ms/);
  });

  it('allows the maximum and refuses more, naming it', () => {
    expect(parseDuration('10m', 600_000)).toBe(600_000);
    expect(() => parseDuration('601s', 600_000)).toThrow(/at most 10m/);
    expect(codeOf(() => parseDuration('9'.repeat(400) + 's'))).toBe('KVC_E_USAGE');
  });
});

describe('parseDelay', () => {
  it.each([
    ['5s', { delayMs: 5000, jitterMs: 0 }],
    ['200ms±50ms', { delayMs: 200, jitterMs: 50 }],
    ['200ms+-50ms', { delayMs: 200, jitterMs: 50 }],
    ['1s±1s', { delayMs: 1000, jitterMs: 1000 }],
  ])('%s', (text, delay) => {
    expect(parseDelay(text)).toEqual(delay);
  });

  it.each(['', '±', '5s±', '±5s', '1s±2s', '1s±1s±1s', '11m', 'on'])('refuses %j', (text) => {
    expect(codeOf(() => parseDelay(text))).toBe('KVC_E_USAGE');
  });
});

describe('parsePercent', () => {
  it.each([
    ['20%', 20],
    ['0.5%', 0.5],
    ['100%', 100],
    ['0.000001%', 0.000001],
  ])('%s is %d', (text, percent) => {
    expect(parsePercent(text)).toBe(percent);
  });

  it.each(['', '%', '20', '0.2', '20 %', '-1%', '1e1%', '.5%', '1.%', '20%%', '0%', '100.1%', '999%', 'all'])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => parsePercent(text))).toBe('KVC_E_USAGE');
    },
  );

  it('says how to write one, and how to have none', () => {
    expect(() => parsePercent('20')).toThrow(/"20".*20% or 0\.5%/);
    expect(() => parsePercent('0%')).toThrow(/above 0%.*write off/);
  });
});

describe('parseSeed', () => {
  it('takes whole numbers from 0 to 2^32 - 1', () => {
    expect(['0', '7', '4294967295'].map(parseSeed)).toEqual([0, 7, 4_294_967_295]);
  });

  it.each(['', '-1', '1.5', '4294967296', '1e3', 'x', '9'.repeat(400)])('refuses %j', (text) => {
    expect(codeOf(() => parseSeed(text))).toBe('KVC_E_USAGE');
    expect(() => parseSeed(text)).toThrow(/0 to 4294967295/);
  });
});

describe('parseGroups', () => {
  it('gives groups with full names', () => {
    expect(parseGroups(['1', 'node2,3'], names)).toEqual([['node1'], ['node2', 'node3']]);
  });

  it.each([[['1,']], [[',1']], [['1,,2']], [['']], [[',']]])(
    'refuses %j with an example of a group',
    (words) => {
      expect(codeOf(() => parseGroups(words, names))).toBe('KVC_E_USAGE');
      expect(() => parseGroups(words, names)).toThrow(/node2,node3/);
    },
  );

  it.each([[['1', '1']], [['1,node1']], [['1,2', '3,node2']]])(
    'refuses a node that is given twice: %j',
    (words) => {
      expect(codeOf(() => parseGroups(words, names))).toBe('KVC_E_USAGE');
      expect(() => parseGroups(words, names)).toThrow(/node[12] is given twice/);
    },
  );

  it.each([[['9']], [['1', '2,node9']], [['1 2']]])('knows no node in %j', (words) => {
    expect(codeOf(() => parseGroups(words, names))).toBe('KVC_E_NODE_UNKNOWN');
  });
});

describe('parseTarget', () => {
  it.each([
    ['all', 'all'],
    ['3', 'node3'],
    ['node3', 'node3'],
    ['1:3', 'node1:node3'],
    ['node1:3', 'node1:node3'],
  ])('%s means %s', (text, target) => {
    expect(parseTarget(text, names)).toBe(target);
  });

  it.each(['1:', ':3', '1:2:3', ':', '1:1'])('refuses %j with an example of a link', (text) => {
    expect(codeOf(() => parseTarget(text, names))).toBe('KVC_E_USAGE');
    expect(() => parseTarget(text, names)).toThrow(/node1:node3/);
  });

  it.each(['9', 'node9', '1:9', '', 'ALL'])('knows no node in %j', (text) => {
    expect(codeOf(() => parseTarget(text, names))).toBe('KVC_E_NODE_UNKNOWN');
  });

  it('takes nothing but a link where one is wanted', () => {
    expect(parseLink('1:2', names)).toEqual({ source: 'node1', target: 'node2' });
    expect(codeOf(() => parseLink('node3', names))).toBe('KVC_E_USAGE');
    expect(codeOf(() => parseLink('all', names))).toBe('KVC_E_USAGE');
  });
});

describe('parsePairs', () => {
  it('takes keys and values in turn', () => {
    expect(parsePairs(['a', '1', 'b', ''])).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '' },
    ]);
  });

  it('reads - as standard input for one pair only', () => {
    expect(parsePairs(['a', '-'])).toEqual([{ key: 'a', value: null }]);
    expect(parsePairs(['-', 'x'])).toEqual([{ key: '-', value: 'x' }]);
    expect(codeOf(() => parsePairs(['a', '-', 'b', '1']))).toBe('KVC_E_USAGE');
  });

  it('refuses a key without a value, and a key given twice', () => {
    expect(() => parsePairs(['a', '1', 'b'])).toThrow(/"b" has no value/);
    expect(() => parsePairs(['a', '1', 'a', '2'])).toThrow(/"a" is given twice/);
  });
});

describe('readStdin', () => {
  it('returns the bytes as they are', async () => {
    const bytes = await readStdin(chunks([0, 255], [10]), 3);
    expect([...bytes]).toEqual([0, 255, 10]);
  });

  it('stops reading beyond the limit', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1;
        yield await Promise.resolve(new Uint8Array(10));
      }
    }
    await expect(readStdin(endless(), 25)).rejects.toMatchObject({ code: 'KVC_E_VALUE_TOO_LARGE' });
    expect(read).toBe(3);
  });
});

async function* chunks(...parts: number[][]) {
  for (const part of parts) yield await Promise.resolve(Uint8Array.from(part));
}

describe('parseCount', () => {
  it('takes whole numbers from 1 to the maximum', () => {
    expect([parseCount('1', 'n', 10), parseCount('10', 'n', 10)]).toEqual([1, 10]);
  });

  it.each(['0', '11', '-1', '1.5', '', 'x', '1e3', ' 1'])('refuses %j', (text) => {
    expect(codeOf(() => parseCount(text, 'n', 10))).toBe('KVC_E_USAGE');
  });
});

describe('newNodeName', () => {
  it('takes a name, or its number for short', () => {
    expect([newNodeName('node4'), newNodeName('4'), newNodeName('spare-1')]).toEqual([
      'node4',
      'node4',
      'spare-1',
    ]);
  });

  it.each(['', '0', '-1', '4x', 'Node4', 'node 4', '../x', 'node.4', 'n'.repeat(33)])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => newNodeName(text))).toBe('KVC_E_USAGE');
    },
  );
});
