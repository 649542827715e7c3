import type { ReadResponseJson, ReadEntryJson, ReadManyResponseJson } from '../protocol/api.js';
import { formatClock, formatDotJson } from './formatClock.js';
import { printable } from './printable.js';
import { lastingText } from './valueText.js';

/** `a = 1   dot node1:1   clock {node1:1}`, and the siblings or how to see them. */
export function entryText(entry: ReadResponseJson, withSiblings: boolean, nowMs: number): string {
  const line = `${entryLine(entry, nowMs)}   clock ${formatClock(entry.clock)}`;
  return withSiblingsText(line, entry, withSiblings, nowMs);
}

/** A line per key, then the clock that they share. */
export function readManyText(
  answer: ReadManyResponseJson & { node: string },
  withSiblings: boolean,
  nowMs: number,
): string {
  return [
    ...answer.entries.map((entry) => withSiblingsText(entryLine(entry, nowMs), entry, withSiblings, nowMs)),
    `one snapshot of ${answer.node}   clock ${formatClock(answer.clock)}`,
  ].join('\n');
}

/** `kvc read KEY --flag`, ready to be pasted. */
export function readCommand(key: string, flag: '--siblings' | '--all-nodes'): string {
  if (/^\w[\w./@%+,:-]*$/.test(key)) return `kvc read ${key} ${flag}`;
  return `kvc read ${flag} -- '${printable(key).replaceAll("'", "'\\''")}'`;
}

function entryLine({ key, dot, ...stored }: ReadEntryJson, nowMs: number): string {
  const line = `${printable(key)} = ${lastingText(stored, nowMs)}`;
  if (dot === null) return line;
  return `${line}   ${stored.value === null ? 'deleted or expired by' : 'dot'} ${formatDotJson(dot)}`;
}

function withSiblingsText(line: string, entry: ReadEntryJson, withSiblings: boolean, nowMs: number): string {
  const { key, siblings } = entry;
  if (siblings.length === 0) return line;
  if (withSiblings) {
    const lines = siblings.map(
      (sibling) => `${entryLine({ key, siblings: [], ...sibling }, nowMs)}   (sibling)`,
    );
    return [line, ...lines].join('\n');
  }
  return `${line}   (${countText(siblings.length)}: ${readCommand(key, '--siblings')})`;
}

export function countText(siblings: number): string {
  return siblings === 1 ? '1 sibling' : `${siblings} siblings`;
}
