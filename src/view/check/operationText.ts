import type { Access, Operation, Returned } from '../../check/history.js';
import type { Value } from '../../check/historyLine.js';
import { shortText } from './shortText.js';

const accessesMax = 4;

/** What an operation did, on one line: `x = 1`, `x → 1`, `delete x`, `{x = 1; y → (none)}`. Long parts are cut. */
export function operationText({ accesses, isTxn, status }: Operation): string {
  const shown = accesses.slice(0, accessesMax).map(accessText);
  const more = accesses.length - shown.length;
  const all = [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ');
  const text = isTxn ? `{${all}}` : all;
  return status === 'ok' ? text : `${text} (${status})`;
}

/** Where an operation wrote anything it counts as a write. */
export function isWrite({ accesses }: Operation): boolean {
  return accesses.some(({ kind }) => kind === 'write');
}

/** The names of what an operation wrote or returned, where they are known. */
export function writeNames({ accesses }: Operation): string[] {
  const names = accesses.flatMap((access) =>
    access.kind === 'write' ? (access.wid ?? []) : access.returned.flatMap(({ wid }) => wid ?? []),
  );
  return [...new Set(names)].slice(0, accessesMax).map(shortText);
}

function accessText(access: Access): string {
  const key = shortText(access.key);
  if (access.kind === 'read') return `${key} → ${access.returned.map(returnedText).join(' | ')}`;
  return access.value === null ? `delete ${key}` : `${key} = ${valueText(access.value)}`;
}

function returnedText({ value }: Returned): string {
  return value === null ? '(none)' : valueText(value);
}

/** Text is quoted only where it could be taken for something else, such as "1" for 1. */
function valueText(value: Value): string {
  if (typeof value !== 'string') return String(value);
  const isPlain = /^[\p{L}_][\p{L}\p{N}_.:/-]*$/u.test(value) && !/^(true|false|null)$/.test(value);
  return isPlain ? shortText(value) : `"${shortText(value)}"`;
}
