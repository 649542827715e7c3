import { countedNotes } from './countedNotes.js';
import { historyError } from './historyError.js';
import { historyLimits } from './historyLimits.js';
import type { HistoryReader, ImportedHistory } from './historyReader.js';
import { parseHistoryLine } from './ndjson.js';
import { operationOfLine } from './operationLine.js';
import { OperationList } from './operationList.js';
import { Overlaps } from './overlaps.js';

/** kvc's own format: one operation a line. Empty lines are passed over. */
export class NdjsonReader implements HistoryReader {
  readonly #operations = new OperationList();
  readonly #overlaps = new Overlaps();
  #silent = 0;

  line(text: string, number: number): void {
    if (text.trim() === '') return;
    if (text.length > historyLimits.lineCharactersMax) {
      throw historyError(
        number,
        `longer than ${historyLimits.lineCharactersMax} characters, which is the limit`,
      );
    }
    const line = parseHistoryLine(text, number);
    this.#overlaps.add(line);
    const operation = operationOfLine(line, number);
    if (operation === undefined) this.#silent += 1;
    else this.#operations.add(operation);
  }

  end(): ImportedHistory {
    const notes = countedNotes([
      [
        'operations began before the last one of their session had ended, which makes its order doubtful; ' +
          'who does several things at once is several sessions',
        this.#overlaps.count,
      ],
      ['reads that did not succeed returned nothing, and prove nothing', this.#silent],
    ]);
    return { format: 'ndjson', history: this.#operations.history, notes };
  }
}
