import type { FaultJson } from '../cluster/controlApi.js';
import { columns } from './columns.js';
import { effectText, lastsText, linkText } from './faultText.js';

/** Links spelled out in a row; the rest is counted, for `all` on 16 nodes is 240 of them. */
const linksShownMax = 4;

/** A row per fault: what it does where, how long it lasts, and how many messages it keeps waiting. */
export function faultsText(
  faults: readonly (FaultJson & { readonly waiting: number | null })[],
  nowMs: number,
): string {
  const rows = faults.map((fault) => [
    fault.id,
    fault.target,
    effectText(fault),
    fault.expires_at_ms === null ? 'when cleared' : `in ${lastsText(fault.expires_at_ms, nowMs)}`,
    fault.waiting === null ? '?' : String(fault.waiting),
    linksText(fault),
  ]);
  return columns([['ID', 'TARGET', 'EFFECT', 'ENDS', 'WAITING', 'LINKS'], ...rows]);
}

function linksText({ links }: FaultJson): string {
  const shown = links.slice(0, linksShownMax).map(linkText).join(', ');
  const rest = links.length - linksShownMax;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
