import type { Chance } from './chance.js';

/** What a client does next. Its keys are different ones. */
export type Step =
  /** One read after the other. */
  | { readonly kind: 'read'; readonly keys: readonly string[] }
  /** One write after the other; between them the client moves to another node if it `moves`. */
  | { readonly kind: 'write'; readonly keys: readonly string[]; readonly moves: boolean }
  | { readonly kind: 'delete'; readonly key: string }
  /** All in one batch; the last key is deleted in it if it `deletes`. */
  | { readonly kind: 'batch'; readonly keys: readonly string[]; readonly deletes: boolean }
  /** All in one read. */
  | { readonly kind: 'snapshot'; readonly keys: readonly string[] }
  /** A write to a key that only this session writes to, which may be sent more than once; at once to two nodes if it is `twin`. */
  | { readonly kind: 'own'; readonly isTwin: boolean };

export type StepKind = Step['kind'];

/** How often each kind of step comes, relative to the others. */
type Weights = Readonly<Record<StepKind, number>>;

/**
 * - mixed: everything
 * - chains: writes that depend on each other, and reads of them, without deletes: the densest in what causal order protects
 */
const workloads = {
  mixed: { read: 41, write: 28, delete: 4, batch: 9, snapshot: 10, own: 8 },
  chains: { read: 50, write: 40, delete: 0, batch: 0, snapshot: 10, own: 0 },
} as const satisfies Record<string, Weights>;

export type WorkloadName = keyof typeof workloads;

export const workloadNames = Object.keys(workloads) as WorkloadName[];

/** Few enough that clients meet at them, many enough that not every write follows from every other. */
const hotKeysMax = 36;
const groupsMax = 8;
const freshShare = 0.05;
const moveShare = 0.5;
const twinShare = 0.5;

/**
 * Draws a step. Reads take the keys that were written last, the last one first: who has seen a write and then reads one
 * that it depends on is the reader whom causal order protects, and an order of reads that follows the writes would
 * never notice that it is broken.
 * @param recent - the keys that were written last, the last one first
 */
export function drawStep(chance: Chance, workload: WorkloadName, recent: readonly string[]): Step {
  switch (drawKind(chance, workloads[workload])) {
    case 'read':
      return { kind: 'read', keys: drawRecent(chance, recent, chance.between(2, 4)) };
    case 'write': {
      const keys = [drawKey(chance), ...(chance.happens(0.5) ? [drawKey(chance)] : [])];
      return { kind: 'write', keys: [...new Set(keys)], moves: chance.happens(moveShare) };
    }
    case 'delete':
      return { kind: 'delete', key: hotKey(chance) };
    case 'batch':
      return { kind: 'batch', keys: drawGroup(chance), deletes: chance.happens(0.15) };
    case 'snapshot': {
      const keys = chance.happens(0.7) ? drawGroup(chance) : drawRecent(chance, recent, 3);
      return { kind: 'snapshot', keys };
    }
    case 'own':
      return { kind: 'own', isTwin: chance.happens(twinShare) };
  }
}

function drawKind(chance: Chance, weights: Weights): StepKind {
  const entries = Object.entries(weights) as [StepKind, number][];
  let left = chance.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of entries) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'read';
}

/** From somewhere near the newest on, so that not all readers meet at the very last write. */
function drawRecent(chance: Chance, recent: readonly string[], count: number): readonly string[] {
  if (recent.length === 0) return [hotKey(chance)];
  const from = Math.min(chance.between(0, 4), recent.length - 1);
  return recent.slice(from, from + count);
}

function drawKey(chance: Chance): string {
  return chance.happens(freshShare) ? `fresh${chance.between(0, 999)}` : hotKey(chance);
}

function hotKey(chance: Chance): string {
  return `hot${chance.between(0, hotKeysMax - 1)}`;
}

/** The keys of a batch: always the same ones together, so that a snapshot read of them can find half a batch. */
function drawGroup(chance: Chance): readonly string[] {
  const group = `group${chance.between(0, groupsMax - 1)}`;
  return [`${group}/a`, `${group}/b`, `${group}/c`].slice(0, chance.between(2, 3));
}
