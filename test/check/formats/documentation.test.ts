import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { levels } from '../../../src/check/levels/judgeLevel.js';
import { readText, refusal } from './readText.js';

const documented = await readFile(new URL('../../../docs/checking.md', import.meta.url), 'utf8');

it('shows lines in the documentation that are a history', async () => {
  const lines = documented.split('\n').filter((line) => line.startsWith('    {"session"'));
  expect((await readText(lines.join('\n'))).history).toHaveLength(5);
});

it('documents every field of a line, and no other', async () => {
  const message = await refusal('{"session":"s","no":1}');
  const fields = message.replace(/^.*it has /, '').split(', ');
  const rows = [...documented.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
    names.split(', '),
  );
  expect(fields).toHaveLength(13);
  expect([...new Set(rows)].sort()).toEqual(fields.map((field) => `\`${field}\``).sort());
});

it('documents every level', () => {
  const rows = [...documented.matchAll(/^\| ([\w-]+)(?:, [^|]*)? \| [^|]+ \| [A-Z]/gm)].map(
    ([, level]) => level,
  );
  expect(rows.slice(rows.indexOf('Level') + 1)).toEqual(levels);
});
