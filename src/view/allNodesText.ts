import type { ClockJson, ContentJson, ReadEntryJson } from '../protocol/api.js';
import { columns } from './columns.js';
import { formatClock, formatDotJson } from './formatClock.js';
import { printable } from './printable.js';
import { lifetimeText, valueText } from './valueText.js';

interface Reading {
  readonly node: string;
  readonly entries: readonly ReadEntryJson[] | null;
  readonly clock: ClockJson | null;
  readonly error: { readonly message: string } | null;
}

/** A row per node and key, siblings in rows of their own where they are wanted, else counted. */
export function allNodesText(readings: readonly Reading[], withSiblings: boolean, nowMs: number): string {
  const heading = ['NODE', 'KEY', 'VALUE', 'DOT', 'SIBLINGS', 'CLOCK'];
  return columns([heading, ...readings.flatMap((reading) => readingRows(reading, withSiblings, nowMs))]);
}

function readingRows(
  { node, entries, clock, error }: Reading,
  withSiblings: boolean,
  nowMs: number,
): string[][] {
  if (entries === null) return [[node, '-', `(${error?.message ?? 'no answer'})`]];
  return entries.flatMap((entry) => {
    const row = entryCells(node, entry, String(entry.siblings.length), nowMs);
    const siblings = withSiblings
      ? entry.siblings.map((sibling) => entryCells(node, { ...sibling, key: entry.key }, 'sibling', nowMs))
      : [];
    return [[...row, formatClock(clock ?? {})], ...siblings];
  });
}

function entryCells(
  node: string,
  { key, dot, ...stored }: Omit<ReadEntryJson, 'siblings'>,
  siblings: string,
  nowMs: number,
): string[] {
  const dotText = dot === null ? '-' : formatDotJson(dot) + (stored.value === null ? ' (gone)' : '');
  return [node, printable(key), cellText(stored, nowMs), dotText, siblings];
}

function cellText(stored: ContentJson, nowMs: number): string {
  const lifetime = lifetimeText(stored, nowMs);
  return lifetime === '' ? valueText(stored) : `${valueText(stored)} (${lifetime})`;
}
