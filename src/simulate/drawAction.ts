import { partition, partitionShapes } from './machine/partitions.js';
import type { SeededRandom } from './machine/seededRandom.js';
import { nodeNameOf } from './nodeNameOf.js';
import type { Action, CutAction, WriteAction } from './schedule.js';

/** What the actions of one schedule have in common. */
export interface Drawing {
  readonly keys: readonly string[];
  readonly sessions: number;
  /** Probability that nodes come, go or lose something for good. */
  readonly upheavalRate: number;
  /** Probability of any other fault. */
  readonly faultRate: number;
}

/** Of one step. */
export interface Moment {
  /** Makes the values that are written differ from those of all other steps. */
  readonly name: string;
  /** How many nodes there have been until then. */
  readonly nodes: number;
}

export function drawAction(random: SeededRandom, drawing: Drawing, moment: Moment): Action {
  const { nodes } = moment;
  if (random.chance(drawing.upheavalRate)) return drawUpheaval(random, nodes);
  if (random.chance(drawing.faultRate)) return drawFault(random, nodes);
  return random.chance(0.7) ? drawWrite(random, drawing, moment) : drawRead(random, drawing, nodes);
}

/** A retry goes to any node. */
export function drawNode(random: SeededRandom, nodes: number): number {
  return random.between(0, nodes - 1);
}

function drawWrite(random: SeededRandom, { keys, sessions }: Drawing, { name, nodes }: Moment): WriteAction {
  const changes = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, index) => ({
    key: random.pick(keys),
    value: random.chance(0.3) ? null : `${name}.${index}`,
  }));
  return {
    kind: 'write',
    node: drawNode(random, nodes),
    session: random.chance(0.5) ? random.between(0, sessions - 1) : null,
    changes,
    isNamed: random.chance(0.5),
    replicas: random.chance(0.2) ? random.between(1, 3) : 1,
    timeoutMs: random.pick([100, 1000, 5000]),
  };
}

function drawRead(random: SeededRandom, { keys, sessions }: Drawing, nodes: number): Action {
  const several = [...new Set([random.pick(keys), random.pick(keys), random.pick(keys)])];
  return {
    kind: 'read',
    node: drawNode(random, nodes),
    session: random.chance(0.9) ? random.between(0, sessions - 1) : null,
    keys: random.chance(0.4) ? several : several.slice(0, 1),
    timeoutMs: random.pick([10, 100, 1000]),
  };
}

function drawFault(random: SeededRandom, nodes: number): Action {
  const node = drawNode(random, nodes);
  const dice = random.next();
  if (dice < 0.3) return drawCut(random, nodes);
  if (dice < 0.42) return { kind: 'heal' };
  if (dice < 0.5)
    return { kind: 'slow', node, other: drawNode(random, nodes), delayMs: random.pick([300, 1500]) };
  if (dice < 0.58) return { kind: 'pause', node, forMs: random.pick([50, 400, 4000]) };
  if (dice < 0.62) return { kind: 'restart', node };
  if (dice < 0.68) return { kind: 'set clock', node, skewMs: random.pick([-90_000, -500, 500, 90_000]) };
  const effects = random.chance(0.4) ? 0 : random.between(1, 40);
  return { kind: 'crash', node, effects, downMs: random.pick([0, 100, 300, 5000]) };
}

function drawCut(random: SeededRandom, nodes: number): CutAction {
  const shape = random.pick(partitionShapes);
  const names = Array.from({ length: nodes }, (_, node) => nodeNameOf(node));
  const kind = random.pick(['requests', 'everything'] as const);
  return { kind: 'cut', shape, cuts: partition(shape, names, kind, random) };
}

function drawUpheaval(random: SeededRandom, nodes: number): Action {
  const node = drawNode(random, nodes);
  const downMs = random.pick([0, 100, 1000]);
  const dice = random.next();
  if (dice < 0.2) return { kind: 'lose disk', node, downMs };
  if (dice < 0.4) return { kind: 'damage log', node, at: random.next(), downMs };
  if (dice < 0.5) return { kind: 'damage store', node, downMs };
  if (dice < 0.65) return { kind: 'leave', node };
  if (dice < 0.8) return { kind: 'remove', node, isRunning: random.chance(0.3) };
  return { kind: 'join' };
}
