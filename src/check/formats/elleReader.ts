import { countedNotes } from './countedNotes.js';
import type { Operation } from '../history.js';
import { ednForms, type EdnForm } from './edn.js';
import { elleAccesses, isTransaction } from './elleAccesses.js';
import { elleEvent, type ElleEvent } from './elleEvent.js';
import { historyError } from './historyError.js';
import { historyLimits } from './historyLimits.js';
import type { HistoryReader, ImportedHistory } from './historyReader.js';
import { jsonForms } from './jsonForms.js';
import { OperationList } from './operationList.js';

/**
 * Histories of Jepsen, as EDN or as JSON: rw-register transactions, and reads and writes of registers. An operation
 * stands where it was over; one that never was may have happened, like one that ended as :info. A process is a session.
 */
export class ElleReader implements HistoryReader {
  readonly #lines: string[] = [];
  #characters = 0;

  line(text: string, number: number): void {
    this.#characters += text.length + 1;
    if (this.#characters > historyLimits.elleCharactersMax) {
      const limit = historyLimits.elleCharactersMax;
      throw historyError(number, `the history has more than ${limit} characters, the limit for EDN and JSON`);
    }
    this.#lines.push(text);
  }

  end(): ImportedHistory {
    const text = this.#lines.join('\n');
    const pairing = new Pairing();
    for (const form of formsOf(text)) pairing.add(form);
    return pairing.end();
  }
}

/** JSON is known by the quote of a first field name. */
function formsOf(text: string): Iterable<EdnForm> {
  return /^[\s[]*(?:\{\s*["}]|$)/.test(text) ? jsonForms(text) : ednForms(text);
}

/** Puts the beginnings and ends of operations together. */
class Pairing {
  readonly #operations = new OperationList();
  /** By process, what has begun and is not over. */
  readonly #open = new Map<number, ElleEvent>();
  #others = 0;
  #silent = 0;

  add(form: EdnForm): void {
    const event = elleEvent(form);
    if (event === undefined) this.#others += 1;
    else if (event.type === 'invoke') this.#begin(event);
    else {
      const invocation = this.#open.get(event.process);
      this.#open.delete(event.process);
      this.#complete(invocation, event, event.type);
    }
  }

  end(): ImportedHistory {
    const unfinished = [...this.#open.values()];
    for (const event of unfinished) this.#complete(event, undefined, 'info');
    const notes = countedNotes([
      ['entries of no client, such as the nemesis, were left out', this.#others],
      ['operations never ended; they may or may not have happened', unfinished.length],
      ['reads that did not succeed returned nothing, and prove nothing', this.#silent],
    ]);
    return {
      format: 'elle',
      history: this.#operations.history,
      notes,
    };
  }

  #begin(event: ElleEvent): void {
    const open = this.#open.get(event.process);
    if (open === undefined) {
      this.#open.set(event.process, event);
      return;
    }
    const problem = `process ${event.process} begins an operation while its last one, of line ${open.line}, is not over`;
    throw historyError(event.line, problem, { field: 'process' });
  }

  /** What came back counts where it succeeded; otherwise only what was asked for is known. */
  #complete(
    invocation: ElleEvent | undefined,
    completion: ElleEvent | undefined,
    status: Operation['status'],
  ): void {
    const known = status === 'ok' ? (completion ?? invocation) : (invocation ?? completion);
    if (known === undefined) return;
    const request = {
      ...known,
      ...(known.f === undefined && { f: invocation?.f }),
      value: valueOf(known, invocation),
    };
    const accesses = elleAccesses(request).filter(({ kind }) => status === 'ok' || kind === 'write');
    if (accesses.length === 0) {
      this.#silent += 1;
      return;
    }
    const [startMs, endMs] = [invocation?.timeMs, completion?.timeMs];
    this.#operations.add({
      session: `p${known.process}`,
      accesses,
      isTxn: isTransaction(request),
      status,
      ...(startMs !== undefined && { startMs }),
      ...(endMs !== undefined && { endMs }),
      isFinal: false,
      line: known.line,
    });
  }
}

/** Some clients do not repeat what was written when they say that it was. A read without a value found nothing. */
function valueOf(event: ElleEvent, invocation: ElleEvent | undefined): ElleEvent['value'] {
  const isWrite = event.f === 'write' || event.f === 'w';
  if (event.type === 'ok' && isWrite && (event.value ?? null) === null) return invocation?.value;
  return event.value;
}
