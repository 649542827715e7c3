import { KvcError } from '../../errors.js';
import { detectFormat } from './detectFormat.js';
import { ElleReader } from './elleReader.js';
import { historyError, quote } from './historyError.js';
import { historyLimits } from './historyLimits.js';
import type { HistoryFormat, HistoryReader, ImportedHistory } from './historyReader.js';
import { NdjsonReader } from './ndjsonReader.js';
import { PlumeReader } from './plumeReader.js';

const readers: Readonly<Record<HistoryFormat, new () => HistoryReader>> = {
  ndjson: NdjsonReader,
  elle: ElleReader,
  plume: PlumeReader,
};

/** How much is read before the format must be plain. */
const beginningCharactersMax = 64 * 1024;

/**
 * Reads a history as its bytes arrive.
 * @param format - without it the format is recognised by how the text begins
 * @throws KvcError KVC_E_HISTORY_INVALID for what is no history, or an empty one, or beyond `historyLimits`
 */
export async function readHistory(
  chunks: AsyncIterable<Uint8Array>,
  format?: HistoryFormat,
): Promise<ImportedHistory> {
  const lines = new LineSplitter(format === undefined ? new AnyReader() : new readers[format]());
  for await (const chunk of chunks) lines.push(chunk);
  const imported = lines.end();
  if (imported.history.length > 0) return imported;
  throw new KvcError('KVC_E_HISTORY_INVALID', 'the history is empty: there is no operation in it to judge');
}

/** Cuts a stream of bytes into lines. */
class LineSplitter {
  readonly #reader: HistoryReader;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  /** The pieces of the last, unfinished line. */
  #pieces: string[] = [];
  #pending = 0;
  #characters = 0;
  #number = 1;

  constructor(reader: HistoryReader) {
    this.#reader = reader;
  }

  push(chunk: Uint8Array): void {
    this.#take(this.#decode(chunk));
  }

  end(): ImportedHistory {
    this.#take(this.#decode());
    if (this.#pending > 0) this.#line('');
    return this.#reader.end();
  }

  #take(text: string): void {
    this.#characters += text.length;
    if (this.#characters > historyLimits.charactersMax) {
      throw historyError(
        this.#number,
        `more than ${historyLimits.charactersMax} characters, which is the limit`,
      );
    }
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#line(text.slice(start, end));
      start = end + 1;
    }
    if (start === text.length) return;
    this.#pieces.push(text.slice(start));
    this.#pending += text.length - start;
    if (this.#pending > historyLimits.elleCharactersMax) {
      throw historyError(this.#number, `a line of more than ${historyLimits.elleCharactersMax} characters`);
    }
  }

  #line(end: string): void {
    const text = this.#pieces.join('') + end;
    this.#pieces = [];
    this.#pending = 0;
    if (text.includes('\0')) throw notText(this.#number);
    this.#reader.line(text.endsWith('\r') ? text.slice(0, -1) : text, this.#number);
    this.#number += 1;
  }

  #decode(chunk?: Uint8Array): string {
    try {
      return chunk === undefined ? this.#decoder.decode() : this.#decoder.decode(chunk, { stream: true });
    } catch {
      throw notText(this.#number);
    }
  }
}

/** Holds lines back until it knows their format. */
class AnyReader implements HistoryReader {
  #reader: HistoryReader | undefined;
  #beginning = '';
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (this.#reader !== undefined) {
      this.#reader.line(text, number);
      return;
    }
    this.#beginning += number === 1 ? text : `\n${text}`;
    const format = detectFormat(this.#beginning);
    if (format !== undefined && format !== 'unknown') this.#replay(format);
    else if (format === 'unknown' || this.#beginning.length > beginningCharactersMax) throw this.#unknown();
  }

  end(): ImportedHistory {
    if (this.#reader !== undefined) return this.#reader.end();
    if (this.#beginning.trim() === '') return { format: 'ndjson', history: [], notes: [] };
    throw this.#unknown();
  }

  #replay(format: HistoryFormat): void {
    const reader = new readers[format]();
    for (const [index, line] of this.#beginning.split('\n').entries()) reader.line(line, index + 1);
    this.#reader = reader;
  }

  #unknown(): Error {
    const begins = quote(this.#beginning.trim().slice(0, 40));
    const formats = 'NDJSON, Elle (EDN or JSON) or Plume text';
    const problem = `the text begins with ${begins}, as none of the formats does: ${formats}`;
    return historyError(this.#number, problem, { try: ['--format ndjson|elle|plume'] });
  }
}

function notText(line: number): KvcError {
  return historyError(line, 'not UTF-8 text; a history is text: NDJSON, Elle (EDN or JSON) or Plume');
}
