import { timestampMax } from '../core/clock/hybridClock.js';
import type { Update } from '../core/update.js';
import { KvcError } from '../errors.js';
import { clockText, encodeDot, parseClock, parseDot } from './clockJson.js';
import { asInteger, asObject } from './fields.js';
import { parseMemberChanges } from './memberJson.js';
import { encodeOperation, parseOperations } from './operationJson.js';
import { parseRequestOfUpdate } from './requestId.js';

/** Texts of updates by the update itself, which never changes: an update goes to every peer. */
const texts = new WeakMap<Update, string>();

/** The JSON text of an update (`UpdateJson`), made once per update. */
export function updateText(update: Update): string {
  const known = texts.get(update);
  if (known !== undefined) return known;
  const dot = JSON.stringify(encodeDot(update.dot));
  const operations = JSON.stringify(update.operations.map(encodeOperation));
  const request = update.request === undefined ? '' : `,"request":${JSON.stringify(update.request)}`;
  const members =
    update.memberChanges === undefined ? '' : `,"members":${JSON.stringify(update.memberChanges)}`;
  const text = `{"dot":${dot},"dependencies":${clockText(update.dependencies)},"timestamp":${update.timestamp},"operations":${operations}${request}${members}}`;
  texts.set(update, text);
  return text;
}

/**
 * An update that arrives from outside.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID, KVC_E_VALUE_TOO_LARGE or KVC_E_MESSAGE_TOO_LARGE
 */
export function parseUpdate(input: unknown, field: string): Update {
  const fields = asObject(input, field, [
    'dot',
    'dependencies',
    'timestamp',
    'operations',
    'request',
    'members',
  ]);
  const dot = parseDot(fields.dot, `${field}.dot`);
  const dependencies = parseClock(fields.dependencies, `${field}.dependencies`);
  if (dependencies.has(dot.replica)) {
    throw new KvcError(
      'KVC_E_BAD_REQUEST',
      `${field}.dependencies names ${dot.replica}, the update's own node; leave it out: the dot says it`,
      { field: `${field}.dependencies` },
    );
  }
  const timestamp = asInteger(fields.timestamp, `${field}.timestamp`, 1, timestampMax);
  const memberChanges = parseMemberChanges(fields.members, `${field}.members`);
  const isEmpty = Array.isArray(fields.operations) && fields.operations.length === 0;
  const operations =
    isEmpty && memberChanges.length > 0 ? [] : parseOperations(fields.operations, `${field}.operations`);
  const request = parseRequestOfUpdate(fields.request, `${field}.request`);
  return {
    dot,
    dependencies,
    timestamp,
    operations,
    ...(request === undefined ? {} : { request }),
    ...(memberChanges.length === 0 ? {} : { memberChanges }),
  };
}
