import fc from 'fast-check';
import { expect, it } from 'vitest';
import { globMatches, globPrefix } from '../../../src/node/resp/glob.js';

it.each([
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a*c', 'abbc', true],
  ['a*c', 'abcd', false],
  ['*a*b*', 'xaxbx', true],
  ['h?llo', 'hello', true],
  ['h?llo', 'hllo', false],
  ['h[ae]llo', 'hallo', true],
  ['h[ae]llo', 'hillo', false],
  ['h[^e]llo', 'hallo', true],
  ['h[^e]llo', 'hello', false],
  ['h[a-c]llo', 'hbllo', true],
  ['h[c-a]llo', 'hbllo', true],
  ['h[a-', 'ha', true],
  ['h\\*llo', 'h*llo', true],
  ['h\\*llo', 'hxllo', false],
  ['[\\]]', ']', true],
  ['[', '[', false],
  ['\\', '\\', true],
])('%j and %j: %s', (pattern, text, isMatch) => {
  expect(globMatches(pattern, text)).toBe(isMatch);
});

/** What the pattern means, by trying everything. */
function matchesSlowly(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern.startsWith('*')) {
    return Array.from({ length: text.length + 1 }, (_, cut) => text.slice(cut)).some((each) =>
      matchesSlowly(rest, each),
    );
  }
  if (text === '') return false;
  return (pattern.startsWith('?') || pattern[0] === text[0]) && matchesSlowly(rest, text.slice(1));
}

it('finds what trying everything finds', () => {
  const letters = (choice: string) =>
    fc.array(fc.constantFrom(...choice.split('')), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(letters('ab*?'), letters('ab'), (pattern, text) => {
      expect(globMatches(pattern, text)).toBe(matchesSlowly(pattern, text));
      if (globMatches(pattern, text)) expect(text.startsWith(globPrefix(pattern))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

it('takes no time that explodes with the pattern', () => {
  expect(globMatches(`${'*a'.repeat(30)}*b`, 'a'.repeat(1000))).toBe(false);
});
