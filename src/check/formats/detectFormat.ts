import type { HistoryFormat } from './historyReader.js';

/**
 * Which format a history is in, by how it begins; `unknown` if it is none, undefined as long as there is too little
 * text to tell.
 */
export function detectFormat(beginning: string): HistoryFormat | 'unknown' | undefined {
  const text = beginning.trimStart();
  if (/^[rw]\s*\(/.test(text)) return 'plume';
  const first = /^[[(\s]*/.exec(text)?.[0] ?? '';
  const entry = text.slice(first.length);
  if (entry === '' || /^\{\s*$/.test(entry)) return undefined;
  if (/^(?:[;#]|\{\s*[:,#;}])/.test(entry)) return 'elle';
  if (!/^\{\s*"/.test(entry)) return 'unknown';
  // Both are JSON: Jepsen's entries are of a process, and may stand in an array and over several lines.
  if (/"session"\s*:/.test(entry)) return 'ndjson';
  if (/"process"\s*:/.test(entry)) return 'elle';
  return /^[^\n]*\}\s*$/.test(entry) ? 'ndjson' : undefined;
}
