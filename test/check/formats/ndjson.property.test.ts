import fc from 'fast-check';
import { expect, it } from 'vitest';
import { historyLineText, parseHistoryLine } from '../../../src/check/formats/ndjson.js';
import { lineOfOperation, operationOfLine } from '../../../src/check/formats/operationLine.js';
import { anyLine } from './histories.js';
import { readText } from './readText.js';

it('reads every line that it writes as the same', () => {
  fc.assert(
    fc.property(anyLine, (line) => {
      const text = historyLineText(line);
      expect(text).not.toContain('\n');
      expect(parseHistoryLine(text, 1)).toEqual(line);
    }),
  );
});

it('makes the same operation again of the line of an operation', () => {
  fc.assert(
    fc.property(anyLine, (line) => {
      const operation = operationOfLine(line, 3);
      if (operation === undefined) return;
      const again = parseHistoryLine(historyLineText(lineOfOperation(operation)), 3);
      expect(operationOfLine(again, 3)).toEqual(operation);
    }),
  );
});

it('reads a history the same whatever pieces its bytes arrive in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyLine, { minLength: 1 }), fc.nat({ max: 50 }), async (lines, size) => {
      const text = lines.map((line) => historyLineText(line) + '\n').join('');
      const expected = lines.flatMap((line, index) => operationOfLine(line, index + 1) ?? []);
      if (expected.length === 0) return;
      expect((await readText(text, undefined, size + 1)).history).toEqual(expected);
    }),
  );
});
