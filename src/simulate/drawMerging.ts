import type { SeededRandom } from './machine/seededRandom.js';
import type { Action, Change } from './schedule.js';

/** Keys of counters, of sets, and of values that expire or are created: no others hold such, and the clients' history leaves them out. */
const mergingKeys = ['n', 's', 'x'] as const;

export function isMergingKey(key: string): boolean {
  return mergingKeys.some((each) => each === key);
}

/** Of the steps that were drawn, some write or read what merges or expires instead. */
export function withMerging(random: SeededRandom, action: Action, name: string): Action {
  if (!random.chance(0.6)) return action;
  const key = random.pick(mergingKeys);
  if (action.kind === 'read') return { ...action, keys: [...action.keys, key] };
  if (action.kind !== 'write') return action;
  const changes = [drawChange(random, key, name)];
  return { ...action, changes, ...(key === 'x' && random.chance(0.4) ? { isCreate: true } : {}) };
}

function drawChange(random: SeededRandom, key: (typeof mergingKeys)[number], name: string): Change {
  if (random.chance(0.12)) return { key, value: null };
  switch (key) {
    case 'n':
      return { key, amount: random.pick([1, 2, 10, -3]) };
    case 's':
      return { key, member: random.pick(['m1', 'm2', 'm3']), isRemoved: random.chance(0.35) };
    case 'x':
      return { key, value: name, ...(random.chance(0.7) ? { ttlMs: random.pick([50, 400, 2000]) } : {}) };
  }
}
