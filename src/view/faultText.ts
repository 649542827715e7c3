import type { FaultJson, LinkJson } from '../cluster/controlApi.js';
import type { FaultEffectJson } from '../protocol/api.js';
import { formatDuration } from './formatDuration.js';
import { formatElapsed } from './formatElapsed.js';

/** `node1 → node3 delayed 5s, one way, until cleared (fault f1); undo: kvc delay node1:node3 off` */
export function faultText(fault: FaultJson, nowMs: number): string {
  const scope = [targetText(fault.target), effectText(fault)].join(' ');
  const until =
    fault.expires_at_ms === null ? 'until cleared' : `for ${lastsText(fault.expires_at_ms, nowMs)}`;
  const direction = directionText(fault);
  return `${scope}, ${direction}${until} (fault ${fault.id}); undo: ${undoCommand(fault)}`;
}

/** `delayed 200ms±50ms`, `held` */
export function effectText(effect: FaultEffectJson): string {
  return effect.kind === 'hold' ? 'held' : `delayed ${delayText(effect)}`;
}

/** `node1 → node3` */
export function linkText({ source, target }: LinkJson): string {
  return `${source} → ${target}`;
}

/** A fault's target as a person says it: `node1 → node3`, `everything to node3`, `all links`. */
export function targetText(target: string): string {
  if (target === 'all') return 'all links';
  const [source = '', end] = target.split(':');
  return end === undefined ? `everything to ${source}` : linkText({ source, target: end });
}

/** The command that ends just this fault. */
export function undoCommand(fault: FaultJson): string {
  const both = actsBothWays(fault) ? ' --both' : '';
  return fault.kind === 'hold'
    ? `kvc release ${fault.target}${both}`
    : `kvc delay ${fault.target} off${both}`;
}

/** How long until a fault ends by itself. */
export function lastsText(expiresAtMs: number, nowMs: number): string {
  return formatElapsed(expiresAtMs - nowMs);
}

function delayText({ delay_ms, jitter_ms }: Extract<FaultEffectJson, { kind: 'delay' }>): string {
  return formatDuration(delay_ms) + (jitter_ms > 0 ? `±${formatDuration(jitter_ms)}` : '');
}

function directionText(fault: FaultJson): string {
  if (actsBothWays(fault)) return 'both ways, ';
  return fault.target.includes(':') ? 'one way, ' : '';
}

/** Whether it acts on a link that its target alone does not mean, as it does with `--both`. */
function actsBothWays({ target, links }: FaultJson): boolean {
  if (target === 'all') return false;
  const meant = (link: LinkJson) =>
    target.includes(':') ? `${link.source}:${link.target}` === target : link.target === target;
  return !links.every(meant);
}
