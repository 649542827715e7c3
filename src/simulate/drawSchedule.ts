import type { DeliveryMode } from '../core/delivery.js';
import { drawAction, drawNode, type Drawing } from './drawAction.js';
import { withMerging } from './drawMerging.js';
import { SeededRandom } from './machine/seededRandom.js';
import type { Schedule, ScheduleConfig, Step } from './schedule.js';

/** What is drawn otherwise. */
export interface DrawOptions {
  readonly delivery: DeliveryMode;
  readonly nodes?: number | undefined;
  /** How many things happen; retries of writes come on top. */
  readonly steps?: number | undefined;
}

const keyNames = ['a', 'b', 'c', 'd', 'e'];

/** Of one run, with those that are gone. */
export const nodesMax = 9;

/** Retries come after this at the latest, when their names are too old. */
const lateRetryMs = 2600;

/**
 * What a seed stands for. Each part is drawn from a stream of chance of its own, so that with another number of steps those
 * that are left are the same.
 */
export function drawSchedule(seed: number, options: DrawOptions): Schedule {
  const random = new SeededRandom(seed).fork('schedule');
  const config = drawConfig(random.fork('config'), options);
  const mix = random.fork('mix');
  const drawing: Drawing = {
    keys: keyNames.slice(0, mix.between(2, keyNames.length)),
    sessions: config.sessions,
    upheavalRate: mix.pick([0, 0.03, 0.1]),
    faultRate: mix.pick([0.05, 0.2, 0.35]),
  };
  const gapMsMax = mix.pick([10, 30, 120]);
  const drawn = mix.between(10, 90);
  const steps = drawSteps(random, { count: options.steps ?? drawn, gapMsMax, drawing, nodes: config.nodes });
  return { seed, config, steps };
}

function drawConfig(random: SeededRandom, { nodes, delivery }: DrawOptions): ScheduleConfig {
  // Every line draws, whatever is wanted: what is drawn after it stays the same.
  const drawnNodes = random.chance(0.15) ? random.between(2, nodesMax) : random.pick([2, 3, 3, 3, 4, 4, 5]);
  return {
    nodes: nodes ?? drawnNodes,
    delivery,
    sessions: random.between(1, 4),
    network: {
      loss: random.pick([0, 0.05, 0.3]),
      duplication: random.pick([0, 0.1, 0.5]),
      jitterMs: random.pick([1, 30, 250]),
      latencyMsMax: random.pick([0, 50, 800]),
      straying: random.pick([0, 0, 0.02]),
    },
    answerMsMax: random.pick([300, 300, 3000]),
    limits: {
      logBytesMax: random.pick([512, 2048, 8192, 1_048_576]),
      pendingUpdatesMax: random.pick([2, 10, 1000]),
      batchUpdatesMax: random.pick([1, 4, 512]),
      requestIdsMs: 2000,
    },
    spreadsPastCuts: random.chance(0.8),
  };
}

interface Steps {
  readonly count: number;
  readonly gapMsMax: number;
  readonly drawing: Drawing;
  /** Founders. */
  readonly nodes: number;
}

function drawSteps(random: SeededRandom, { count, gapMsMax, drawing, nodes: founders }: Steps): Step[] {
  const drawn: { step: Step; original?: Step }[] = [];
  const merges = random.fork('merging').chance(0.6);
  let [atMs, nodes] = [0, founders];
  for (let index = 0; index < count; index += 1) {
    const chance = random.fork(`step ${index}`);
    atMs += chance.between(0, gapMsMax);
    const action = drawAction(chance, drawing, { name: `${index}`, nodes });
    // From a stream of its own, so that everything else is as it was drawn.
    const merging = random.fork(`merging ${index}`);
    const step: Step = { atMs, ...(merges ? withMerging(merging, action, `${index}`) : action) };
    drawn.push({ step });
    drawn.push(...drawRetries(chance, step, nodes).map((retry) => ({ step: retry, original: step })));
    if (step.kind === 'join') nodes = Math.min(nodes + 1, nodesMax);
  }
  drawn.sort((left, right) => left.step.atMs - right.step.atMs);
  const positions = new Map(drawn.map(({ step }, index) => [step, index]));
  return drawn.map(({ step, original }) =>
    step.kind === 'retry' && original !== undefined
      ? { ...step, write: positions.get(original) ?? step.write }
      : step,
  );
}

function drawRetries(random: SeededRandom, step: Step, nodes: number): Step[] {
  if (step.kind !== 'write' || !step.isNamed) return [];
  return Array.from({ length: random.between(0, 2) }, () => {
    const afterMs = random.chance(0.1) ? lateRetryMs : random.between(0, 800);
    return { atMs: step.atMs + afterMs, kind: 'retry', write: 0, node: drawNode(random, nodes) };
  });
}
