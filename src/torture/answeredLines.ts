import type { HistoryAccess, HistoryLine } from '../check/historyLine.js';
import type { DotJson } from '../protocol/api.js';
import type { ReadEntry } from './clientNodes.js';

/** From what nodes answer to what a history says. */

/** The name of a write: `node1:7`. */
export function widOf({ node, counter }: DotJson): string {
  return `${node}:${counter}`;
}

/** What a read returned: the winner, and its siblings if there are any. */
export function readFields({
  key,
  value,
  dot,
  siblings,
}: ReadEntry): Pick<HistoryLine, 'key' | 'value' | 'values' | 'wid' | 'wids'> {
  const wid = dot === null ? {} : { wid: widOf(dot) };
  if (siblings.length === 0 || dot === null) return { key, value, ...wid };
  return {
    key,
    value,
    ...wid,
    values: [value, ...siblings.map((sibling) => sibling.value)],
    wids: [widOf(dot), ...siblings.map((sibling) => widOf(sibling.dot))],
  };
}

export function readAccess(entry: ReadEntry): HistoryAccess {
  return { type: 'read', ...readFields(entry) };
}
