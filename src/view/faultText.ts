import type { FaultJson, LinkJson } from '../cluster/controlApi.js';
import type { FaultEffectJson } from '../protocol/faultsApi.js';
import { formatDuration } from './formatDuration.js';
import { formatElapsed } from './formatElapsed.js';

/** `node1 → node3 delayed 5s, one way, until cleared (fault f1)` */
export function faultText(fault: FaultJson, nowMs: number): string {
  const until =
    fault.expires_at_ms === null ? 'until cleared' : `for ${lastsText(fault.expires_at_ms, nowMs)}`;
  const place = fault.kind === 'partition' ? ' ' : `, ${directionText(fault)}`;
  return `${scopeText(fault)}${place}${until} (fault ${fault.id})`;
}

/** What a fault does where: `node1 → node3 delayed 5s`, `every link to node3 drops 20%`, `partition node1 | node2,node3`. */
export function scopeText(fault: FaultJson): string {
  const { target } = fault;
  if (isDivision(target)) return `partition ${target}`;
  switch (fault.kind) {
    case 'delay':
    case 'hold':
    case 'partition':
      return `${targetText(target)} ${effectText(fault)}`;
    case 'drop':
    case 'duplicate':
    case 'reorder':
      return `${carrierText(target)} ${effectText(fault)}`;
  }
}

/** `delayed 200ms±50ms`, `held`, `drops 20%`, `partitioned` */
export function effectText(effect: FaultEffectJson): string {
  switch (effect.kind) {
    case 'delay':
      return `delayed ${delayText(effect)}`;
    case 'hold':
      return 'held';
    case 'drop':
    case 'duplicate':
    case 'reorder':
      return `${effect.kind}s ${effect.percent}%`;
    case 'partition':
      return 'partitioned';
  }
}

/** `200ms±50ms` */
export function delayText({ delay_ms, jitter_ms }: Extract<FaultEffectJson, { kind: 'delay' }>): string {
  return formatDuration(delay_ms) + (jitter_ms > 0 ? `±${formatDuration(jitter_ms)}` : '');
}

/** ` (seed 7)` where a fault leaves something to chance; else nothing. */
export function seedText(fault: FaultEffectJson & { readonly seed: number }): string {
  const isCertain =
    fault.kind === 'hold' || fault.kind === 'partition' || (fault.kind === 'delay' && fault.jitter_ms === 0);
  return isCertain ? '' : ` (seed ${fault.seed})`;
}

/** `node1 → node3` */
export function linkText({ source, target }: LinkJson): string {
  return `${source} → ${target}`;
}

/** The command that ends just this fault; of partitions, all. */
export function undoCommand(fault: FaultJson): string {
  const both = actsBothWays(fault) ? ' --both' : '';
  switch (fault.kind) {
    case 'hold':
      return `kvc release ${fault.target}${both}`;
    case 'partition':
      return 'kvc partition off';
    case 'delay':
    case 'drop':
    case 'duplicate':
    case 'reorder':
      return `kvc ${fault.kind} ${fault.target} off${both}`;
  }
}

/** How long until a fault ends by itself. */
export function lastsText(expiresAtMs: number, nowMs: number): string {
  return formatElapsed(expiresAtMs - nowMs);
}

/** A target as what moves there: `node1 → node3`, `everything to node3`, `all links`. */
function targetText(target: string): string {
  if (target === 'all') return 'all links';
  const [source = '', end] = target.split(':');
  return end === undefined ? `everything to ${source}` : linkText({ source, target: end });
}

/** A target as what does something to messages: `node1 → node3`, `every link to node3`, `every link`. */
function carrierText(target: string): string {
  if (target === 'all') return 'every link';
  return target.includes(':') ? targetText(target) : `every link to ${target}`;
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

/** Whether a target is how a partition divides the nodes. One that was made at a node directly has a link for a target. */
function isDivision(target: string): boolean {
  return target.includes(' ');
}
