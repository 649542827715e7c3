import type { ReadEntryJson } from '../protocol/api.js';
import type { WatchChangeJson, WatchedWriteJson, WatchGapJson } from '../protocol/watchApi.js';
import { formatDotJson } from './formatClock.js';
import { printable } from './printable.js';
import { valueText } from './valueText.js';

/** `node1:7  a = 1`: a line for each write, all of one update with its dot. */
export function changeText({ dot, writes }: WatchChangeJson): string {
  return writes.map((write) => `${formatDotJson(dot)}  ${writeText(write)}`).join('\n');
}

/** `node1:7  a = 1   as it is   2 siblings`: what a key holds after a gap. */
export function stateText({ key, dot, siblings, ...stored }: ReadEntryJson): string {
  const others =
    siblings.length === 0 ? '' : `   ${siblings.length} sibling${siblings.length === 1 ? '' : 's'}`;
  const by = dot === null ? '' : `${formatDotJson(dot)}  `;
  return `${by}${printable(key)} = ${valueText(stored)}   as it is${others}`;
}

/** `node1:3 to node1:9, node2:4` */
export function missedText({ missed }: WatchGapJson): string {
  return Object.entries(missed)
    .map(([node, [first, last]]) =>
      first === last ? `${node}:${first}` : `${node}:${first} to ${node}:${last}`,
    )
    .join(', ');
}

function writeText(write: WatchedWriteJson): string {
  const key = printable(write.key);
  switch (write.kind) {
    case 'put':
      return `${key} = ${valueText(write)}${expiryText(write.expires_at_ms)}`;
    case 'delete':
      return `${key} deleted`;
    case 'increment':
      return write.amount < 0 ? `${key} -= ${-write.amount}` : `${key} += ${write.amount}`;
    case 'add':
      return `${key} += ${valueText(write)}`;
    case 'remove':
      return `${key} -= ${valueText(write)}`;
    case 'expire':
      return `${key} expired, written by ${formatDotJson(write.expired)}`;
  }
}

function expiryText(atMs: number | undefined): string {
  return atMs === undefined ? '' : `   expires ${new Date(atMs).toISOString()}`;
}
