/**
 * The sum, at the bounds of what a number holds exactly where it would leave them. Per replica all add in the same order, so
 * all come to the same sum.
 */
export function addExactly(left: number, right: number): number {
  const sum = left + right;
  return Math.min(Math.max(sum, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}
