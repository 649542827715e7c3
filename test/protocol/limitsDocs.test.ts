import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nodeLimitKinds } from '../../src/protocol/nodeLimits.js';

it('the documentation lists every limit of a node, and says of each what the table says', () => {
  const text = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| [a-z]+[A-Z]/.test(line));
  const expected = Object.entries(nodeLimitKinds).map(
    ([name, { meaning, unit, default: standard, min, max }]) =>
      `| ${name} | ${meaning} | ${unit} | ${standard} | ${min} | ${max} |`,
  );
  expect(rows).toEqual(expected);
});
