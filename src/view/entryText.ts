import type { DotJson, ReadResponseJson, SnapshotEntryJson } from '../protocol/api.js';
import { formatClock, formatDotJson } from './formatClock.js';
import { printable } from './printable.js';

interface StoredValue {
  readonly value: string | null;
  readonly encoding?: 'base64';
}

/** A value on one line; `(none)` where there is none. */
export function valueText({ value, encoding }: StoredValue): string {
  if (value === null) return '(none)';
  return encoding === undefined ? printable(value) : `${value} (base64)`;
}

/** `a = 1   dot node1:1   clock {node1:1}` */
export function entryText(entry: ReadResponseJson, withSiblings: boolean): string {
  return [
    `${snapshotEntryLine(entry)}   clock ${formatClock(entry.clock)}`,
    ...siblingPart(entry, withSiblings),
  ].join(withSiblings ? '\n' : '   ');
}

/** The same without the clock, for entries that share one. */
export function snapshotEntryText(entry: SnapshotEntryJson, withSiblings: boolean): string {
  return [snapshotEntryLine(entry), ...siblingPart(entry, withSiblings)].join(withSiblings ? '\n' : '   ');
}

/** `dot node1:1   clock {node1:1}`: where a write has its place. */
export function placeText(write: {
  readonly dot: DotJson;
  readonly clock: ReadResponseJson['clock'];
}): string {
  return `dot ${formatDotJson(write.dot)}   clock ${formatClock(write.clock)}`;
}

/** A text as one word of a shell command. */
export function shellWord(text: string): string {
  return /^[\w./@%+,-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", "'\\''")}'`;
}

function snapshotEntryLine({ key, dot, ...entry }: SnapshotEntryJson): string {
  const line = `${printable(key)} = ${valueText(entry)}`;
  return dot === null
    ? line
    : `${line}   ${entry.value === null ? 'deleted by' : 'dot'} ${formatDotJson(dot)}`;
}

function siblingPart({ key, siblings }: SnapshotEntryJson, withSiblings: boolean): string[] {
  if (siblings.length === 0) return [];
  if (!withSiblings) {
    const count = siblings.length === 1 ? '1 sibling' : `${siblings.length} siblings`;
    return [`(${count}: kvc read ${shellWord(key)} --siblings)`];
  }
  return siblings.map((sibling) => `${snapshotEntryLine({ key, siblings: [], ...sibling })}   (sibling)`);
}
