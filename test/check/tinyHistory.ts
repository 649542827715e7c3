import type { Access, History, Operation, Returned, Write } from '../../src/check/history.js';
import type { SeededRandom } from '../support/seededRandom.js';

/**
 * Any history of at most six operations of three sessions on two keys, mostly one that no store would have: what is
 * read is drawn from what is written anywhere. Names of writes: on all, or none; and then sometimes values repeat.
 */
export function tinyHistory(random: SeededRandom): History {
  const hasWids = random.chance(0.4);
  const repeats = random.chance(hasWids ? 0.5 : 0.05);
  const deletes = hasWids ? 0.2 : random.chance(0.3) ? 0.2 : 0;
  const sessions = random.between(1, 3);
  const isTransactional = random.chance(0.5);
  let written = 0;
  const drafts = Array.from({ length: random.between(2, 6) }, (_, index) => {
    const isWrite = random.chance(0.5);
    const length = isTransactional && random.chance(0.5) ? 2 : 1;
    const isMixed = random.chance(0.3);
    const accesses = Array.from({ length }, (): Write | string => {
      const key = random.pick(['x', 'y']);
      if (isMixed ? random.chance(0.5) : !isWrite) return key;
      written += 1;
      const value = random.chance(deletes) ? null : repeats ? 'v' : `v${written}`;
      return { kind: 'write', key, value, ...(hasWids ? { wid: `w${written}` } : {}) };
    });
    const doubtful = random.chance(0.25) ? (random.chance(0.65) ? 'info' : 'fail') : 'ok';
    return { session: `s${random.between(1, sessions)}`, accesses, status: doubtful, index } as const;
  });
  const writes = drafts.flatMap(({ accesses }) => accesses.filter((each): each is Write => typeof each !== 'string'));
  return drafts.map(({ session, accesses, status, index }): Operation => {
    const isTwice = accesses.length === 2 && keyOf(accesses[0]) === keyOf(accesses[1]);
    const complete = accesses.map((each) => (typeof each === 'string' ? readOf(random, each, writes) : each));
    return {
      session,
      // Session guarantees do not tell apart what one indefinite operation wrote to one key.
      accesses: status === 'info' && isTwice ? complete.slice(1) : complete,
      isTxn: accesses.length > 1,
      status,
      isFinal: false,
      line: index + 1,
    };
  });
}

function keyOf(access: Write | string | undefined): string | undefined {
  return typeof access === 'string' ? access : access?.key;
}

function readOf(random: SeededRandom, key: string, writes: readonly Write[]): Access {
  const versions: Returned[] = writes
    .filter((write) => write.key === key)
    .map(({ value, wid }) => ({ value, ...(wid === undefined ? {} : { wid }) }));
  const any = (): Returned => (versions.length === 0 || random.chance(0.2) ? { value: null } : random.pick(versions));
  const first = random.chance(0.01) ? { value: 'nobody wrote this' } : any();
  const second = random.chance(0.12) ? any() : first;
  const isSame = second.value === first.value && second.wid === first.wid;
  return { kind: 'read', key, returned: isSame ? [first] : [first, second] };
}
