import { messageOf } from '../../errors.js';
import type { HistoryLine } from '../historyLine.js';
import { historyError } from './historyError.js';
import { historyLimits } from './historyLimits.js';
import { LineFields } from './lineFields.js';

const accessNames = ['type', 'key', 'value', 'values', 'wid', 'wids'];
const lineNames = ['session', ...accessNames, 'ops', 'start', 'end', 'status', 'final', 'replica'];

/** A line of an NDJSON history, without the line break. */
export function historyLineText(line: HistoryLine): string {
  return JSON.stringify(line);
}

/**
 * Reads one line of an NDJSON history.
 * @param number - where it stands in its file, from 1
 * @throws KvcError KVC_E_HISTORY_INVALID, which names the line, the field, and what it must be
 */
export function parseHistoryLine(text: string, number: number): HistoryLine {
  const input = parseJson(text, number);
  const fields = new LineFields(input, number, '', lineNames);
  fields.properName('session');
  const type = fields.oneOf('type', ['read', 'write', 'delete', 'txn']);
  const status = fields.oneOf('status', ['ok', 'fail', 'info']);
  if (type === 'txn') checkTxn(fields, number, status);
  else {
    if (fields.has('ops')) throw fields.wrong('ops', 'belongs to the type "txn" only');
    checkAccess(fields, type, status);
  }
  fields.optionalNumber('start');
  fields.optionalNumber('end');
  if (fields.has('replica')) fields.properName('replica');
  checkFinal(fields, type);
  // Every field has been checked to be what the type says.
  return input as HistoryLine;
}

function parseJson(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw historyError(number, `not JSON: ${messageOf(error)}; an operation is one JSON object on one line`);
  }
}

function checkTxn(fields: LineFields, number: number, status: HistoryLine['status']): void {
  for (const name of ['key', 'value', 'values', 'wids']) {
    if (fields.has(name)) throw fields.wrong(name, 'does not belong to a "txn"; it belongs into its ops');
  }
  if (fields.has('wid')) fields.properName('wid');
  for (const [index, op] of fields.array('ops', historyLimits.accessesMax).entries()) {
    const access = new LineFields(op, number, `ops[${index}].`, accessNames);
    checkAccess(access, access.oneOf('type', ['read', 'write', 'delete']), status);
  }
}

function checkAccess(
  fields: LineFields,
  type: 'read' | 'write' | 'delete',
  status: HistoryLine['status'],
): void {
  fields.name('key');
  if (fields.has('wid')) fields.properName('wid');
  if (type === 'read') return checkReturned(fields, status);
  for (const name of ['values', 'wids']) {
    if (fields.has(name)) throw fields.wrong(name, 'belongs to reads only');
  }
  if (type === 'write') {
    if (fields.get('value') === null)
      throw fields.wrong('value', 'is null; to delete a key use type "delete"');
    fields.checkValue('value', fields.get('value'), false);
  } else if (fields.has('value') && fields.get('value') !== null) {
    throw fields.wrong('value', 'does not belong to a "delete"');
  }
}

/** A read that is not `ok` may have returned nothing. */
function checkReturned(fields: LineFields, status: HistoryLine['status']): void {
  if (fields.has('values')) return checkSiblings(fields);
  if (fields.has('wids'))
    throw fields.wrong('wids', 'needs values, in the same order; for one value use wid');
  if (fields.has('value')) return fields.checkValue('value', fields.get('value'), true);
  if (status !== 'ok') return;
  throw fields.wrong('value', 'is missing: what did the read return? null if the key was absent');
}

function checkSiblings(fields: LineFields): void {
  const values = fields.array('values', historyLimits.siblingsMax);
  values.forEach((value, index) => fields.checkValue(`values[${index}]`, value, true));
  if (fields.has('value') && fields.get('value') !== values[0]) {
    throw fields.wrong('value', 'must be the first of values, which is the winner');
  }
  if (!fields.has('wids')) {
    if (fields.has('wid')) throw fields.wrong('wid', 'names one of several values; use wids');
    return;
  }
  const wids = fields.array('wids', historyLimits.siblingsMax);
  if (wids.length !== values.length) {
    throw fields.wrong(
      'wids',
      `has ${wids.length} names for ${values.length} values; there must be one each`,
    );
  }
  wids.forEach((wid, index) => {
    fields.checkName(`wids[${index}]`, wid);
    if (wid === '') throw fields.wrong(`wids[${index}]`, 'must not be empty');
  });
  if (fields.has('wid') && fields.get('wid') !== wids[0]) {
    throw fields.wrong('wid', 'must be the first of wids, which is the winner');
  }
}

function checkFinal(fields: LineFields, type: HistoryLine['type']): void {
  if (!fields.has('final') || fields.get('final') === false) return;
  if (fields.get('final') !== true) throw fields.bad('final', 'true or false');
  const ops = type === 'txn' ? (fields.get('ops') as readonly { type: string }[]) : [{ type }];
  if (ops.some((op) => op.type !== 'read')) throw fields.wrong('final', 'belongs to reads only');
  if (!fields.has('replica'))
    throw fields.wrong('replica', 'is missing: a final read must say where it was made');
}
