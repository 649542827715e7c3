import type { KeyJson } from '../protocol/api.js';
import { columns } from './columns.js';
import { formatDotJson } from './formatClock.js';
import { printable } from './printable.js';
import { lifetimeText } from './valueText.js';

/** A row per key: what it holds, where its winner comes from, how many siblings it has, and when it expires if it does. */
export function keysText(keys: readonly KeyJson[], nowMs: number): string {
  const rows = keys.map((each) => [
    printable(each.key),
    each.type ?? 'value',
    formatDotJson(each.dot),
    String(each.siblings),
    lifetimeText(each, nowMs),
  ]);
  return columns([['KEY', 'TYPE', 'DOT', 'SIBLINGS'], ...rows]);
}
