import type { KvcError } from '../../errors.js';
import type { Access } from '../history.js';
import type { Value } from '../historyLine.js';
import { EdnName, ednText, isEdnList, type Edn } from './edn.js';
import { wordOf } from './elleEvent.js';
import { historyError, quote } from './historyError.js';
import { historyLimits } from './historyLimits.js';

/** What a Jepsen operation asks for. */
export interface ElleRequest {
  readonly f: string | undefined;
  readonly value: Edn | undefined;
  readonly line: number;
}

/** The key of a test with one register, whose operations name none. */
const theRegister = 'register';

/** The accesses of a Jepsen operation; a read of nil found the key absent, a write of nil deletes it. */
export function elleAccesses({ f, value = null, line }: ElleRequest): Access[] {
  const name = f ?? (isEdnList(value) ? 'txn' : 'missing');
  switch (name) {
    case 'txn':
      return txnAccesses(value, line);
    case 'read':
    case 'r':
    case 'write':
    case 'w':
      return [registerAccess(name.startsWith('r'), value, line)];
    default:
      throw unknownFunction(name, line);
  }
}

export function isTransaction({ f, value = null }: ElleRequest): boolean {
  return f === 'txn' || (f === undefined && isEdnList(value));
}

function txnAccesses(value: Edn, line: number): Access[] {
  if (!isEdnList(value) || value.length === 0) {
    throw wrongValue(line, `of a :txn must be a vector like [[:w :x 1] [:r :y nil]], found ${short(value)}`);
  }
  if (value.length > historyLimits.accessesMax) {
    throw wrongValue(line, `has ${value.length} accesses; the limit is ${historyLimits.accessesMax}`);
  }
  return value.map((access) => {
    if (!isEdnList(access) || access.length !== 3) {
      throw wrongValue(line, `of a :txn must have accesses like [:w :x 1], found ${short(access)}`);
    }
    const [f = null, key = null, each = null] = access;
    const name = wordOf(f) ?? ednText(f);
    if (!['r', 'read', 'w', 'write'].includes(name)) throw unknownFunction(name, line);
    return accessTo(keyName(key, line), name.startsWith('r'), each, line);
  });
}

/** A plain value, or the [key value] of a test with several independent registers. */
function registerAccess(isRead: boolean, value: Edn, line: number): Access {
  if (!isEdnList(value)) return accessTo(theRegister, isRead, value, line);
  if (value.length !== 2) {
    throw wrongValue(
      line,
      `must be a value, or [key value] where there are several keys, found ${short(value)}`,
    );
  }
  const [key = null, each = null] = value;
  return accessTo(keyName(key, line), isRead, each, line);
}

function accessTo(key: string, isRead: boolean, edn: Edn, line: number): Access {
  const value = valueOf(edn, line);
  return isRead ? { kind: 'read', key, returned: [{ value }] } : { kind: 'write', key, value };
}

/** Different keys get different names: text that could be taken for another kind of key is quoted. */
function keyName(key: Edn, line: number): string {
  if (key === null) throw wrongValue(line, 'has an access to the key nil');
  const isPlain = typeof key === 'string' && /^[A-Za-z_][\w./-]*$/.test(key) && !/^(true|false)$/.test(key);
  const name = isPlain ? key : ednText(key);
  if (name.length <= historyLimits.nameCharactersMax) return name;
  throw wrongValue(
    line,
    `has a key of ${name.length} characters; the limit is ${historyLimits.nameCharactersMax}`,
  );
}

/** Keywords and integers beyond 2^53 become text, and text that looks like one of them is quoted. */
function valueOf(edn: Edn, line: number): Value | null {
  if (edn === null || typeof edn === 'boolean') return edn;
  if (typeof edn === 'string') return /^:|^-?\d+N$/.test(edn) ? ednText(edn) : edn;
  if (edn instanceof EdnName || typeof edn === 'bigint') return ednText(edn);
  if (typeof edn !== 'number') {
    throw wrongValue(
      line,
      `has ${short(edn)} in a register, which must hold a number, text, a keyword, a boolean or nil; lists ` +
        'come from list-append tests, which this checker does not judge: record an rw-register test',
    );
  }
  if (!Number.isInteger(edn) || Number.isSafeInteger(edn)) return edn;
  throw wrongValue(line, 'has an integer beyond 2^53, which JSON readers round; write it as text');
}

function unknownFunction(name: string, line: number): KvcError {
  const known = 'it judges :txn of :r and :w (rw-register), :read and :write';
  const problem =
    name === 'append'
      ? ':append belongs to a list-append history, which this checker does not judge'
      : name === 'missing'
        ? 'the operation has no :f'
        : `the operation :${name} is none that this checker judges`;
  return historyError(line, `${problem}; ${known}`, { field: 'f' });
}

function wrongValue(line: number, problem: string): KvcError {
  return historyError(line, `:value ${problem}`, { field: 'value' });
}

function short(value: Edn): string {
  return quote(ednText(value));
}
