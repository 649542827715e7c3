import type { BatchResponseJson, WriteResponseJson } from '../protocol/api.js';
import { valueText } from './entryText.js';
import { formatClock, formatDotJson } from './formatClock.js';
import { printable } from './printable.js';

/** What was written is echoed up to here: its writer has it. */
const valueCharactersMax = 200;

/** `a = 1   dot node1:1   clock {node1:1}`, or `a deleted   dot ...` */
export function writeText(write: WriteResponseJson): string {
  return `${pairText(write)}   ${placeText(write)}`;
}

/** A line per key, then the one dot that they share. */
export function batchText(batch: BatchResponseJson): string {
  const count = batch.writes.length;
  return [...batch.writes.map(pairText), `${count} keys, one atomic update   ${placeText(batch)}`].join('\n');
}

function pairText(write: BatchResponseJson['writes'][number]): string {
  if (write.value === null) return `${printable(write.key)} deleted`;
  const text = valueText(write);
  const shown = text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax)}...` : text;
  return `${printable(write.key)} = ${shown}`;
}

function placeText({ dot, clock }: Pick<WriteResponseJson, 'dot' | 'clock'>): string {
  return `dot ${formatDotJson(dot)}   clock ${formatClock(clock)}`;
}
