import type { BatchResponseJson, WriteResponseJson } from '../protocol/api.js';
import { formatClock, formatDotJson } from './formatClock.js';
import { printable } from './printable.js';
import { lifetimeText, valueText } from './valueText.js';

/** What was written is echoed up to here: its writer has it. */
const valueCharactersMax = 200;

/** `a = 1   dot node1:1   clock {node1:1}`, or `a deleted   dot ...` */
export function writeText(write: WriteResponseJson, nowMs: number): string {
  return `${pairText(write, nowMs)}   ${placeText(write)}`;
}

/**
 * `visits = 42   dot node1:7   clock {node1:7}`: what a counter or set is after a change.
 * @param none - what stands for one that has nothing in it
 */
export function changeText(write: WriteResponseJson, none: string): string {
  const text = write.value === null ? none : echoText(valueText(write));
  return `${printable(write.key)} = ${text}   ${placeText(write)}`;
}

/** A line per key, then the one dot that they share. */
export function batchText(batch: BatchResponseJson, nowMs: number): string {
  const count = batch.writes.length;
  return [
    ...batch.writes.map((write) => pairText(write, nowMs)),
    `${count} keys, one atomic update   ${placeText(batch)}`,
  ].join('\n');
}

function pairText(write: BatchResponseJson['writes'][number], nowMs: number): string {
  const { value } = write;
  if (value === undefined) return `${printable(write.key)} changed`;
  if (value === null) return `${printable(write.key)} deleted`;
  const lifetime = lifetimeText(write, nowMs);
  return `${printable(write.key)} = ${echoText(valueText({ ...write, value }))}${lifetime === '' ? '' : `   ${lifetime}`}`;
}

function echoText(text: string): string {
  return text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax)}...` : text;
}

function placeText({ dot, clock }: Pick<WriteResponseJson, 'dot' | 'clock'>): string {
  return `dot ${formatDotJson(dot)}   clock ${formatClock(clock)}`;
}
