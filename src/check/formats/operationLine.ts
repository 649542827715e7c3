import type { Access, Operation, Read, Returned } from '../history.js';
import type { HistoryAccess, HistoryLine } from '../historyLine.js';

/**
 * The operation that a line tells of. What a read returned counts only where the status is `ok`, so of any other only
 * the writes are left; undefined if it has none, for then it tells nothing.
 * @param number - where the line stands in its file, from 1
 */
export function operationOfLine(line: HistoryLine, number: number): Operation | undefined {
  const accesses = accessesOfLine(line).filter(({ kind }) => line.status === 'ok' || kind === 'write');
  if (accesses.length === 0) return undefined;
  return {
    session: line.session,
    accesses,
    isTxn: line.type === 'txn',
    status: line.status,
    ...(line.start !== undefined && { startMs: line.start }),
    ...(line.end !== undefined && { endMs: line.end }),
    ...(line.replica !== undefined && { replica: line.replica }),
    isFinal: line.final ?? false,
    line: number,
  };
}

/** The line that tells of an operation: `operationOfLine` makes the same of it. */
export function lineOfOperation(operation: Operation): HistoryLine {
  const { session, status, startMs, endMs, replica, isFinal } = operation;
  const [first, ...others] = operation.accesses.map(accessLine);
  return {
    session,
    ...(first === undefined || others.length > 0 || operation.isTxn
      ? { type: 'txn', ops: operation.accesses.map(accessLine) }
      : first),
    ...(startMs !== undefined && { start: startMs }),
    ...(endMs !== undefined && { end: endMs }),
    status,
    ...(isFinal && { final: true }),
    ...(replica !== undefined && { replica }),
  };
}

/** All writes of a transaction share its name, unless one has its own. */
function accessesOfLine(line: HistoryLine): Access[] {
  if (line.ops !== undefined) return line.ops.map((op) => accessOf(op, line.wid));
  return line.type === 'txn' ? [] : [accessOf({ ...line, type: line.type }, undefined)];
}

function accessOf(access: HistoryAccess, txnWid: string | undefined): Access {
  const key = access.key ?? '';
  if (access.type === 'read') return { kind: 'read', key, returned: returnedBy(access) };
  const wid = access.wid ?? txnWid;
  const value = access.type === 'write' ? (access.value ?? null) : null;
  return { kind: 'write', key, value, ...(wid !== undefined && { wid }) };
}

function returnedBy({ value, values, wid, wids }: HistoryAccess): Returned[] {
  const names = wids ?? (wid === undefined ? [] : [wid]);
  return (values ?? [value ?? null]).map((each, index) => {
    const name = names[index];
    return { value: each, ...(name !== undefined && { wid: name }) };
  });
}

function accessLine(access: Access): HistoryAccess {
  if (access.kind === 'read') return { type: 'read', key: access.key, ...returnedLine(access) };
  const wid = access.wid === undefined ? {} : { wid: access.wid };
  if (access.value === null) return { type: 'delete', key: access.key, ...wid };
  return { type: 'write', key: access.key, value: access.value, ...wid };
}

/** The names of siblings are written only if all are known: the format has no gap among them. */
function returnedLine({ returned }: Read): Pick<HistoryAccess, 'value' | 'values' | 'wid' | 'wids'> {
  const wids = returned.flatMap(({ wid }) => wid ?? []);
  if (returned.length > 1) {
    const values = returned.map(({ value }) => value);
    return wids.length === returned.length ? { values, wids } : { values };
  }
  const [only] = returned;
  return { value: only?.value ?? null, ...(only?.wid !== undefined && { wid: only.wid }) };
}
