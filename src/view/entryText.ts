import type { ReadResponseJson, ReadEntryJson, ReadManyResponseJson } from '../protocol/api.js';
import { formatClock, formatDotJson } from './formatClock.js';
import { printable } from './printable.js';

/** A value on one line; `(none)` where there is none, `(empty)` for the empty one. */
export function valueText(stored: { readonly value: string | null; readonly encoding?: 'base64' }): string {
  if (stored.value === null) return '(none)';
  if (stored.value === '') return '(empty)';
  return stored.encoding === undefined ? printable(stored.value) : `${stored.value} (base64)`;
}

/** `a = 1   dot node1:1   clock {node1:1}`, and the siblings or how to see them. */
export function entryText(entry: ReadResponseJson, withSiblings: boolean): string {
  return withSiblingsText(`${entryLine(entry)}   clock ${formatClock(entry.clock)}`, entry, withSiblings);
}

/** A line per key, then the clock that they share. */
export function readManyText(answer: ReadManyResponseJson & { node: string }, withSiblings: boolean): string {
  return [
    ...answer.entries.map((entry) => withSiblingsText(entryLine(entry), entry, withSiblings)),
    `one snapshot of ${answer.node}   clock ${formatClock(answer.clock)}`,
  ].join('\n');
}

/** `kvc read KEY --flag`, ready to be pasted. */
export function readCommand(key: string, flag: '--siblings' | '--all-nodes'): string {
  if (/^\w[\w./@%+,:-]*$/.test(key)) return `kvc read ${key} ${flag}`;
  return `kvc read ${flag} -- '${printable(key).replaceAll("'", "'\\''")}'`;
}

function entryLine({ key, dot, ...stored }: ReadEntryJson): string {
  const line = `${printable(key)} = ${valueText(stored)}`;
  if (dot === null) return line;
  return `${line}   ${stored.value === null ? 'deleted by' : 'dot'} ${formatDotJson(dot)}`;
}

function withSiblingsText(line: string, entry: ReadEntryJson, withSiblings: boolean): string {
  const { key, siblings } = entry;
  if (siblings.length === 0) return line;
  if (withSiblings) {
    const lines = siblings.map((sibling) => `${entryLine({ key, siblings: [], ...sibling })}   (sibling)`);
    return [line, ...lines].join('\n');
  }
  return `${line}   (${countText(siblings.length)}: ${readCommand(key, '--siblings')})`;
}

export function countText(siblings: number): string {
  return siblings === 1 ? '1 sibling' : `${siblings} siblings`;
}
