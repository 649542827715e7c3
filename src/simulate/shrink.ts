/**
 * The smallest part of a list that it can find which still fails: what is taken away is first halves, then ever smaller
 * parts, down to single items.
 *
 * Source: A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28(2), 2002, algorithm
 * ddmin; without its tests of single parts by themselves, which seldom fail alone here.
 * @param fails - whether a part fails; it is asked at most `triesMax` times
 * @returns a part that failed, in the order of the list; all of it if no smaller one did
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  triesMax: number,
): Promise<readonly T[]> {
  let kept = items;
  let parts = 2;
  let tries = 0;
  while (kept.length > 0) {
    const size = Math.ceil(kept.length / parts);
    let smaller: readonly T[] | undefined;
    for (let start = 0; start < kept.length && smaller === undefined; start += size) {
      if (tries >= triesMax) return kept;
      tries += 1;
      const rest = kept.toSpliced(start, size);
      if (await fails(rest)) smaller = rest;
    }
    if (smaller !== undefined) {
      kept = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return kept;
    else parts = Math.min(kept.length, parts * 2);
  }
  return kept;
}
