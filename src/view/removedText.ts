import type { RemovedNodeJson } from '../cluster/controlApi.js';
import type { ClockJson } from '../protocol/api.js';

/** `node2 removed; node1 and node3 have all of its writes`, or up to which of them the others have. */
export function removedText(removed: RemovedNodeJson): string {
  const what = removed.forced ? heldText(removed.held) : handedOnText(removed.handed_on_to);
  return `${removed.node} removed; ${what}`;
}

function handedOnText(nodes: readonly string[]): string {
  if (nodes.length === 0) return 'it had no writes to hand on';
  return `${listText(nodes)} ${nodes.length === 1 ? 'has' : 'have'} all of its writes`;
}

/** A node that once lost its data has several replica ids, and so several last writes. */
function heldText(held: ClockJson): string {
  const dots = Object.entries(held).map(([replica, counter]) => `${replica}:${counter}`);
  if (dots.length === 0) return 'the other nodes have no write of it, and any that it made are lost';
  return `the other nodes have its writes up to ${listText(dots)}, later ones are lost`;
}

function listText(items: readonly string[]): string {
  return items.length < 2 ? items.join() : `${items.slice(0, -1).join(', ')} and ${items.slice(-1).join()}`;
}
