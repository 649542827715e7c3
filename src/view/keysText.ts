import type { KeysResponseJson } from '../protocol/api.js';
import { columns } from './columns.js';
import { formatDotJson } from './formatClock.js';
import { printable } from './printable.js';

/** A row per key: where its winner comes from, and how many siblings it has. */
export function keysText(keys: KeysResponseJson['keys']): string {
  const rows = keys.map(({ key, dot, siblings }) => [printable(key), formatDotJson(dot), String(siblings)]);
  return columns([['KEY', 'DOT', 'SIBLINGS'], ...rows]);
}
