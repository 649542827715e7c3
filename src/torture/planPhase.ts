import type { Chance } from './chance.js';
import type { FaultName } from './faultNames.js';
import { skewMsMax, type Action, type PacketEffect, type TimedAction } from './actions.js';

export interface PhaseOptions {
  readonly chance: Chance;
  /** The nodes that the cluster has when the phase begins, if all went as planned. */
  readonly members: readonly string[];
  readonly founders: readonly string[];
  readonly faults: readonly FaultName[];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Phase {
  readonly actions: readonly TimedAction[];
  /** The nodes that there are afterwards. */
  readonly members: readonly string[];
}

/** Fewer nodes than this and there is no detour left, nor anybody to give a node its data back. */
const membersMin = 3;
/** Of a phase, the part in which faults begin, and the part at the end in which none acts. */
const beginShare = 0.45;
const quietShare = 0.12;
/** A disk is lost early: it takes a while, and no other node may be down, nor may its own links be cut. */
const diskShare = 0.02;
const afterDiskShare = 0.3;

/** One phase: a slow link, the faults that it was dealt, at times of chance, and in the end all is healed. */
export function planPhase(options: PhaseOptions): Phase {
  const { chance, faults, fromMs, toMs } = options;
  const lengthMs = toMs - fromMs;
  const quietMs = lengthMs * quietShare;
  const actions: TimedAction[] = [{ atMs: Math.round(fromMs), ...slowLink(options) }];
  let { members } = options;
  for (const fault of faults) {
    const atMs = fromMs + lengthMs * drawBegin(chance, fault, faults);
    const restMs = toMs - quietMs - atMs;
    const made = drawFault(fault, { ...options, members }, restMs);
    actions.push(...made.map(({ afterMs, action }) => ({ atMs: Math.round(atMs + afterMs), ...action })));
    members = made.reduce((left, { action }) => changed(left, action), members);
  }
  actions.push({ atMs: Math.round(toMs - quietMs), kind: 'heal' });
  return { actions: actions.sort((left, right) => left.atMs - right.atMs), members };
}

/** When in its phase a fault begins, as a part of it. */
function drawBegin(chance: Chance, fault: FaultName, faults: readonly FaultName[]): number {
  if (fault === 'disk') return diskShare;
  const from = faults.includes('disk') && fault !== 'packet' ? afterDiskShare : 0;
  return from + chance.next() * (beginShare - from);
}

interface LaterAction {
  readonly afterMs: number;
  readonly action: Action;
}

function at(afterMs: number, action: Action): LaterAction {
  return { afterMs, action };
}

function slowLink({ chance, members }: PhaseOptions): Action {
  const [source = '', target = ''] = chance.shuffled(members);
  return { kind: 'slow', source, target, delayMs: chance.between(100, 300) };
}

function drawFault(fault: FaultName, options: PhaseOptions, restMs: number): LaterAction[] {
  const { chance, members } = options;
  const node = chance.pick(members);
  const forMs = Math.round(restMs * (0.3 + 0.5 * chance.next()));
  switch (fault) {
    case 'kill':
      return [at(0, { kind: 'kill', node, downMs: chance.happens(0.5) ? null : Math.round(forMs / 2) })];
    case 'pause':
      return [at(0, { kind: 'pause', node, forMs })];
    case 'partition':
      return [at(0, drawPartition(chance, members, forMs))];
    case 'packet':
      return drawPackets(chance, members, restMs);
    case 'disk':
      return [at(0, { kind: 'disk', node, damage: chance.pick(['wipe', 'wipe', 'torn', 'flip']) })];
    case 'clock':
      return [at(0, { kind: 'clock', node, skewMs: chance.between(-skewMsMax, skewMsMax) })];
    case 'membership':
      return [at(0, drawMembership(options))];
  }
}

/** All shapes: halves, one alone, every node for itself but its neighbours, and a link that is cut one way. */
function drawPartition(chance: Chance, members: readonly string[], forMs: number): Action {
  const [first = '', second = '', ...rest] = chance.shuffled(members);
  const shapes = members.length > 3 ? ['one', 'halves', 'ring', 'mute'] : ['one', 'all', 'mute'];
  switch (chance.pick(shapes)) {
    case 'ring':
      return { kind: 'ring', forMs };
    case 'mute':
      return { kind: 'mute', source: first, target: second, forMs };
    case 'halves':
      return { kind: 'partition', groups: [[first, second], rest], forMs };
    case 'all':
      return { kind: 'partition', groups: [first, second, ...rest].map((node) => [node]), forMs };
    default:
      return { kind: 'partition', groups: [[first], [second, ...rest]], forMs };
  }
}

/**
 * Lossy links everywhere, or some nodes clogged one after the other and freed in another order, so that their messages
 * arrive in bursts (FoundationDB's swizzle: Zhou et al., SIGMOD 2021, section 4).
 */
function drawPackets(chance: Chance, members: readonly string[], restMs: number): LaterAction[] {
  const lossy = (['drop', 'duplicate', 'reorder'] as const).map((kind) => {
    const effect: PacketEffect = { kind, percent: chance.between(5, 40) };
    const forMs = Math.round(restMs * (0.5 + 0.5 * chance.next()));
    return at(0, { kind: 'packet', target: 'all', effect, forMs });
  });
  if (chance.happens(0.5)) return lossy;
  const clogged = chance.shuffled(members).slice(0, chance.between(1, members.length - 1));
  return [...lossy, ...clogged.map((target) => clog(chance, target, restMs))];
}

function clog(chance: Chance, target: string, restMs: number): LaterAction {
  const afterMs = restMs * 0.4 * chance.next();
  const forMs = Math.round((restMs - afterMs) * (0.2 + 0.7 * chance.next()));
  const delay: PacketEffect = { kind: 'delay', delay_ms: chance.between(50, 150), jitter_ms: 50 };
  const effect: PacketEffect = chance.happens(0.6) ? { kind: 'hold' } : delay;
  return at(afterMs, { kind: 'packet', target, effect, forMs });
}

/** The cluster grows and shrinks around its size. A name may come again; its node is another replica then. */
function drawMembership({ chance, members, founders }: PhaseOptions): Action {
  const isSmall = members.length <= Math.max(membersMin, founders.length);
  const newest = members[members.length - 1] ?? '';
  if (isSmall) return { kind: 'add', node: `extra${numberOf(newest) + 1}` };
  return { kind: 'remove', node: chance.happens(0.5) ? newest : chance.pick(members) };
}

function numberOf(extra: string): number {
  return Number(/^extra([0-9]+)$/.exec(extra)?.[1] ?? 0);
}

function changed(members: readonly string[], action: Action): readonly string[] {
  if (action.kind === 'add') return [...members, action.node];
  return action.kind === 'remove' ? members.filter((node) => node !== action.node) : members;
}
