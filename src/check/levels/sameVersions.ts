import type { Read, Returned } from '../history.js';

/**
 * Whether two reads of a key returned the same: the same winner, and the same siblings in any order. An absent key is one
 * whatever delete it is known by, and among siblings an absent one counts for nothing: when a store forgets that a key was
 * deleted is its own affair.
 */
export function isSameRead(a: Read, b: Read): boolean {
  const [winnerOfA, winnerOfB] = [a.returned[0], b.returned[0]];
  if (winnerOfA === undefined || winnerOfB === undefined) return winnerOfA === winnerOfB;
  const present = (read: Read): Returned[] => read.returned.filter(({ value }) => value !== null);
  const isIn = (versions: readonly Returned[], version: Returned): boolean =>
    versions.some((each) => isSameVersion(each, version));
  const [left, right] = [present(a), present(b)];
  return (
    isSameVersion(winnerOfA, winnerOfB) &&
    left.every((version) => isIn(right, version)) &&
    right.every((version) => isIn(left, version))
  );
}

function isSameVersion(a: Returned, b: Returned): boolean {
  if (a.value === null || b.value === null) return a.value === b.value;
  return a.value === b.value && (a.wid === undefined || b.wid === undefined || a.wid === b.wid);
}
