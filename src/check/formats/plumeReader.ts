import { countedNotes } from './countedNotes.js';
import type { Access } from '../history.js';
import type { Value } from '../historyLine.js';
import { historyError, quote } from './historyError.js';
import { historyLimits } from './historyLimits.js';
import type { HistoryReader, ImportedHistory } from './historyReader.js';
import { OperationList } from './operationList.js';

const pattern = /^\s*([rw])\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(-?\d+)\s*\)\s*$/;
/** 64-bit integers at most, of which these are the digits. */
const digitsMax = 20;
const aborted = '-1';

interface Txn {
  readonly session: string;
  readonly accesses: Access[];
  readonly line: number;
  /** Writes of 0, which is what every key has to begin with. */
  initialWrites: number;
}

/**
 * The text format of Plume (Liu et al., OOPSLA 2024), which PolySI and AWDIT read too: `r(key,value,session,txn)` and
 * `w(key,value,session,txn)`, all integers. To read 0 is to find the key absent; a write of the transaction -1 was
 * aborted. Transactions stand where they first appear, and their lines may be apart.
 */
export class PlumeReader implements HistoryReader {
  readonly #txns = new Map<string, Txn>();
  readonly #operations = new OperationList();
  #abortedReads = 0;

  line(text: string, number: number): void {
    if (text.trim() === '') return;
    const [, kind, key = '', value = '', session = '', id = ''] = pattern.exec(text) ?? [];
    if (kind === undefined || [key, value, session, id].some(({ length }) => length > digitsMax)) {
      const form = 'r(key,value,session,txn) or w(key,value,session,txn), all integers';
      throw historyError(number, `expected ${form}, found ${quote(text)}`);
    }
    const access = accessOf(kind === 'r', plain(key), plain(value));
    if (plain(id) === aborted) this.#abort(access, plain(session), number);
    else this.#add(this.#txn(plain(id), plain(session), number), access, number);
  }

  end(): ImportedHistory {
    const initial = [...this.#txns].filter(([id, txn]) => isInitial(id, txn)).length;
    for (const { session, accesses, line } of this.#txns.values()) {
      if (accesses.length === 0) continue;
      this.#operations.add({ session, accesses, isTxn: true, status: 'ok', isFinal: false, line });
    }
    const notes = countedNotes([
      ['transactions that only write 0 were taken for the initial state', initial],
      ['reads of aborted transactions were left out', this.#abortedReads],
    ]);
    // Writes that were aborted come first otherwise, whatever their lines.
    const history = this.#operations.history.toSorted((left, right) => left.line - right.line);
    return {
      format: 'plume',
      history,
      notes,
    };
  }

  #txn(id: string, session: string, number: number): Txn {
    const known = this.#txns.get(id);
    if (known === undefined) {
      const txn = { session: `s${session}`, accesses: [], line: number, initialWrites: 0 };
      this.#txns.set(id, txn);
      return txn;
    }
    if (known.session === `s${session}`) return known;
    const problem = `transaction ${id} is of session ${session} here, and of ${known.session.slice(1)} on line ${known.line}`;
    throw historyError(number, `${problem}; number transactions throughout the file, not per session`);
  }

  #add(txn: Txn, access: Access, number: number): void {
    if (access.kind === 'write' && access.value === null) {
      txn.initialWrites += 1;
      return;
    }
    if (txn.accesses.length >= historyLimits.accessesMax) {
      throw historyError(
        number,
        `a transaction of more than ${historyLimits.accessesMax} accesses, the limit`,
      );
    }
    txn.accesses.push(access);
  }

  #abort(access: Access, session: string, line: number): void {
    if (access.kind === 'read') {
      this.#abortedReads += 1;
      return;
    }
    const what = { accesses: [access], isTxn: false, status: 'fail', isFinal: false, line } as const;
    this.#operations.add({ session: `s${session}`, ...what });
  }
}

/** Some writers put the initial state into the history, as a transaction; a later write of 0 could not be told from it. */
function isInitial(id: string, { accesses, initialWrites, line }: Txn): boolean {
  if (initialWrites === 0) return false;
  if (accesses.length === 0) return true;
  const problem = `transaction ${id} writes 0, which stands for the initial value of a key`;
  throw historyError(line, `${problem}; write other values, and each once`);
}

function accessOf(isRead: boolean, key: string, digits: string): Access {
  const value = digits === '0' ? null : valueOf(digits);
  return isRead ? { kind: 'read', key, returned: [{ value }] } : { kind: 'write', key, value };
}

/** Integers beyond 2^53 stay text, so that none becomes another. */
function valueOf(digits: string): Value {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : digits;
}

/** Without leading zeros, so that one integer has one text. */
function plain(digits: string): string {
  return digits.replace(/^(-?)0+(?=\d)/, '$1');
}
