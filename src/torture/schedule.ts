import { skewMsMax, type TimedAction } from './actions.js';
import { Chance } from './chance.js';
import type { FaultName } from './faultNames.js';
import { planPhase } from './planPhase.js';

export interface Schedule {
  /** By how much the wall clock of each node is wrong from the start. */
  readonly skews: Readonly<Record<string, number>>;
  readonly actions: readonly TimedAction[];
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly forMs: number;
  readonly nodes: readonly string[];
  readonly faults: readonly FaultName[];
}

const phaseMsUsual = 6000;
/** Short runs have two phases, so that something is healed and broken again. */
const phasesMin = 2;

/**
 * What the nemesis will do: a function of its arguments and of nothing else. The run is divided into phases that each end
 * healed; the faults are dealt out to them like cards, so that each comes before any comes again.
 */
export function planSchedule({ seed, forMs, nodes, faults }: ScheduleOptions): Schedule {
  const chance = new Chance(seed, 'nemesis');
  const skews = faults.includes('clock') ? drawSkews(chance, nodes) : {};
  const count = Math.max(phasesMin, Math.round(forMs / phaseMsUsual));
  const deals = deal(chance, faults, count);
  const actions: TimedAction[] = [];
  let members = nodes;
  for (const [index, dealt] of deals.entries()) {
    const span = { fromMs: (index * forMs) / count, toMs: ((index + 1) * forMs) / count };
    const phase = planPhase({ chance, members, founders: nodes, faults: dealt, ...span });
    actions.push(...phase.actions);
    members = phase.members;
  }
  return { skews, actions };
}

/** One clock is behind, one ahead, each by up to an hour; the others by anything between. */
function drawSkews(chance: Chance, nodes: readonly string[]): Record<string, number> {
  const [behind, ahead] = chance.shuffled(nodes);
  const skewOf = (node: string): number => {
    if (node === behind) return -chance.between(skewMsMax / 2, skewMsMax);
    if (node === ahead) return chance.between(skewMsMax / 2, skewMsMax);
    return chance.between(-skewMsMax, skewMsMax);
  };
  return Object.fromEntries(nodes.map((node) => [node, skewOf(node)]));
}

/** At least so many faults to each phase that all have come up; at least two, which may then meet. */
function deal(chance: Chance, faults: readonly FaultName[], phases: number): FaultName[][] {
  const least = Math.min(faults.length, Math.max(2, Math.ceil(faults.length / phases)));
  let deck: FaultName[] = [];
  const draw = (taken: readonly FaultName[]): FaultName => {
    if (deck.every((fault) => taken.includes(fault))) deck = [...deck, ...chance.shuffled(faults)];
    const index = deck.findIndex((fault) => !taken.includes(fault));
    return deck.splice(index, 1)[0] as FaultName;
  };
  return Array.from({ length: phases }, () => {
    const count = Math.min(faults.length, least + (chance.happens(0.4) ? 1 : 0));
    const hand: FaultName[] = [];
    while (hand.length < count) hand.push(draw(hand));
    return hand;
  });
}
