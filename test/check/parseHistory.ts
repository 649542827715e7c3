import type { Access, History, Operation, Returned } from '../../src/check/history.js';

/**
 * Histories as tests write them, one operation a line: `SESSION [info|fail] [final REPLICA] ACCESS[, ACCESS...]`, where an
 * access is `w KEY VALUE[@WID]`, `d KEY[@WID]` or `r KEY VERSION[|VERSION...]`, and a version is `VALUE[@WID]`; of an absent
 * key the value is `-`. Several accesses are one transaction.
 */
export function parseHistory(text: string): History {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').map((line, index) => parseLine(line, index + 1));
}

function parseLine(text: string, line: number): Operation {
  const words = text.split(/\s+/);
  const session = words.shift() ?? '';
  let status: Operation['status'] = 'ok';
  if (words[0] === 'info' || words[0] === 'fail') {
    status = words[0];
    words.shift();
  }
  const isFinal = words[0] === 'final';
  const replica = isFinal ? words.splice(0, 2)[1] : undefined;
  const accesses = words
    .join(' ')
    .split(',')
    .map((access) => parseAccess(access.trim().split(' ')));
  const operation = { session, accesses, isTxn: accesses.length > 1, status, isFinal, line };
  return replica === undefined ? operation : { ...operation, replica };
}

function parseAccess([kind, first = '', second = '']: readonly string[]): Access {
  if (kind === 'r') return { kind: 'read', key: first, returned: second.split('|').map(parseVersion) };
  if (kind === 'w') return { kind: 'write', key: first, ...parseVersion(second) };
  if (kind !== 'd') throw new SyntaxError(`no access is called ${kind ?? ''}`);
  const [key = '', wid] = first.split('@');
  return { kind: 'write', key, value: null, ...(wid === undefined ? {} : { wid }) };
}

function parseVersion(text: string): Returned {
  const [value = '', wid] = text.split('@');
  return { value: value === '-' ? null : value, ...(wid === undefined ? {} : { wid }) };
}
