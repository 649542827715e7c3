import type { Witness } from '../../check/report.js';
import { columns } from '../columns.js';
import { edgeText } from './edgeText.js';
import { operationText, writeNames } from './operationText.js';
import { shortText } from './shortText.js';

const operationsMax = 100;

/**
 * A witness in words: its operations, each with its line in the history, then what orders them.
 * @param witness - in the order in which it is numbered, see `orderWitness`
 */
export function witnessText({ operations, edges }: Witness): string[] {
  const rows = operations
    .slice(0, operationsMax)
    .map((operation, index) => [
      String(index + 1),
      shortText(operation.session),
      `line ${operation.line}`,
      operationText(operation),
      [
        ...writeNames(operation),
        ...(operation.replica === undefined ? [] : [`at ${shortText(operation.replica)}`]),
      ].join(' '),
    ]);
  const more = operations.length - rows.length;
  return [
    ...columns(rows).split('\n'),
    ...(more > 0 ? [`... and ${more} more operations; --json has them all`] : []),
    ...edges.slice(0, operationsMax).map(edgeText),
  ];
}
