import type { Access, History, Operation, Returned, Write } from '../../src/check/history.js';
import type { SeededRandom } from '../../src/simulate/machine/seededRandom.js';

/** What a history is drawn by. */
interface Shape {
  readonly random: SeededRandom;
  readonly sessions: number;
  /** What is read was written before, as a store would have it, and hardly anything fails: the deeper patterns. */
  readonly isPlausible: boolean;
  readonly isTransactional: boolean;
  /** On all writes, or on none. */
  readonly hasWids: boolean;
  readonly repeatsValues: boolean;
  readonly deletes: number;
}

type Draft = Pick<Operation, 'session' | 'status'> & {
  readonly accesses: readonly (Write | { readonly key: string })[];
};

/** Any history of a few operations of at most three sessions on two keys, mostly one that no store would have. */
export function tinyHistory(random: SeededRandom): History {
  const isPlausible = random.chance(0.7);
  const hasWids = random.chance(0.4);
  const repeatsValues = random.chance(hasWids ? 0.5 : 0.05);
  const deletes = random.chance(hasWids ? 1 : 0.3) ? 0.15 : 0;
  const isTransactional = random.chance(0.4);
  const sessions = random.between(isPlausible ? 2 : 1, 3);
  const shape = { random, sessions, isPlausible, isTransactional, hasWids, repeatsValues, deletes };
  const drafts = draftsOf(shape);
  return drafts.map((draft, index): Operation => {
    const written = (isPlausible ? drafts.slice(0, index) : drafts).flatMap(({ accesses }) =>
      accesses.filter(isWrite),
    );
    const accesses = draft.accesses.map((each) => (isWrite(each) ? each : readOf(shape, each.key, written)));
    return { ...draft, accesses, isTxn: accesses.length > 1, isFinal: false, line: index + 1 };
  });
}

function draftsOf({ random, isPlausible, isTransactional, sessions, ...shape }: Shape): Draft[] {
  let written = 0;
  return Array.from({ length: random.between(isPlausible ? 5 : 2, isPlausible ? 7 : 6) }, (): Draft => {
    const writes = random.chance(0.5);
    const length = isTransactional && random.chance(0.5) ? 2 : 1;
    const isMixed = random.chance(0.2);
    const accesses = Array.from({ length }, () => {
      const key = random.pick(['x', 'y']);
      if (isMixed ? random.chance(0.5) : !writes) return { key };
      written += 1;
      const value = random.chance(shape.deletes) ? null : shape.repeatsValues ? 'v' : `v${written}`;
      return { kind: 'write' as const, key, value, ...(shape.hasWids ? { wid: `w${written}` } : {}) };
    });
    // Session guarantees do not tell apart what one indefinite operation wrote to one key.
    const isTwice = accesses.length === 2 && accesses[0]?.key === accesses[1]?.key;
    const isDoubtful = !isTwice && random.chance(isPlausible ? 0.12 : 0.25);
    const status = isDoubtful ? (random.chance(isPlausible ? 0.95 : 0.65) ? 'info' : 'fail') : 'ok';
    return { session: `s${random.between(1, sessions)}`, status, accesses };
  });
}

function isWrite(access: Write | { readonly key: string }): access is Write {
  return 'kind' in access;
}

function readOf({ random, isPlausible }: Shape, key: string, writes: readonly Write[]): Access {
  const versions: Returned[] = writes
    .filter((write) => write.key === key)
    .map(({ value, wid }) => ({ value, ...(wid === undefined ? {} : { wid }) }));
  const any = (): Returned =>
    versions.length === 0 || random.chance(0.12) ? { value: null } : random.pick(versions);
  const first = random.chance(isPlausible ? 0.001 : 0.01) ? { value: 'nobody wrote this' } : any();
  const second = random.chance(0.1) ? any() : first;
  const isSame = second.value === first.value && second.wid === first.wid;
  return { kind: 'read', key, returned: isSame ? [first] : [first, second] };
}
