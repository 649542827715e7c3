import { describe, expect, it } from 'vitest';
import { splitLine, wordsSoFar } from '../../../src/cli/shell/splitLine.js';

describe('a line', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['  \t ', []],
    ['write a 1', ['write', 'a', '1']],
    ['  write   a\t1  ', ['write', 'a', '1']],
    [`write a 'two words'`, ['write', 'a', 'two words']],
    [`write a ''`, ['write', 'a', '']],
    [`write a"b c"'d e'f`, ['write', 'ab cd ef']],
    [String.raw`'a\b' "a\"b\\" a\ b`, [String.raw`a\b`, String.raw`a"b\ `.trim(), 'a b']],
    [`"it's" 'say "x"'`, [`it's`, `say "x"`]],
    ['grün 日本 🎉', ['grün', '日本', '🎉']],
    ['a#b $HOME *', ['a#b', '$HOME', '*']],
  ])('%j is split', (line, words) => {
    expect(splitLine(line)).toEqual(words);
  });

  it.each([`read "a`, `read 'a`, 'read a\\', `write k it's`])(
    '%j is refused: something is left open',
    (line) => {
      expect(() => splitLine(line)).toThrow(expect.objectContaining({ code: 'KVC_E_USAGE' }) as Error);
    },
  );

  it('that is being typed has a last word, empty behind a space, and may be open', () => {
    expect(wordsSoFar('read us')).toEqual({ words: ['read'], last: 'us' });
    expect(wordsSoFar('read ')).toEqual({ words: ['read'], last: '' });
    expect(wordsSoFar('read "a b')).toEqual({ words: ['read'], last: 'a b' });
  });
});
