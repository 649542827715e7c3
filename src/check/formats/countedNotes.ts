/** Notes for people on what there was, each with how often; what there was none of is not mentioned. */
export function countedNotes(counts: readonly (readonly [what: string, count: number])[]): string[] {
  return counts.flatMap(([what, count]) => (count === 0 ? [] : [`${what}: ${count}`]));
}
