import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { errorKinds } from '../src/errors.js';

const documented = await readFile(new URL('../docs/http-api.md', import.meta.url), 'utf8');

test('the documentation lists every error code, and says of each what the table says', () => {
  const rows = documented.split('\n').filter((line) => line.startsWith('| KVC_E_'));
  const yesNo = (fact: boolean) => (fact ? 'yes' : 'no');
  const expected = Object.entries(errorKinds).map(([code, kind]) =>
    [code, kind.meaning, kind.httpStatus, kind.exitCode, yesNo(kind.definite), yesNo(kind.retryable)].join(
      ' | ',
    ),
  );
  expect(rows).toEqual(expected.map((row) => `| ${row} |`));
});
