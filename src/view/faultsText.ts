import type { FaultJson } from '../cluster/controlApi.js';
import type { FaultKind } from '../protocol/faultsApi.js';
import { columns } from './columns.js';
import { effectText, lastsText, linkText, seedText } from './faultText.js';

/** Links spelled out in a row; the rest is counted, for `all` on 16 nodes is 240 of them. */
const linksShownMax = 4;

const actedWords: Readonly<Record<FaultKind, string>> = {
  delay: 'delayed',
  hold: 'held',
  drop: 'dropped',
  duplicate: 'duplicated',
  reorder: 'reordered',
  partition: 'cut off',
};

/** A row per fault: what it does where, how long it lasts, how many messages it keeps waiting and has met so far. */
export function faultsText(
  faults: readonly (FaultJson & { readonly waiting: number | null; readonly acted: number | null })[],
  nowMs: number,
): string {
  const rows = faults.map((fault) => [
    fault.id,
    fault.target,
    effectText(fault) + seedText(fault),
    fault.expires_at_ms === null ? 'when cleared' : `in ${lastsText(fault.expires_at_ms, nowMs)}`,
    countText(fault.waiting),
    `${countText(fault.acted)} ${actedWords[fault.kind]}`,
    linksText(fault),
  ]);
  return columns([['ID', 'TARGET', 'EFFECT', 'ENDS', 'WAITING', 'SO FAR', 'LINKS'], ...rows]);
}

function countText(count: number | null): string {
  return count === null ? '?' : String(count);
}

function linksText({ links }: FaultJson): string {
  const shown = links.slice(0, linksShownMax).map(linkText).join(', ');
  const rest = links.length - linksShownMax;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
