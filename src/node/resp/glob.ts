/**
 * The patterns of KEYS and SCAN: `*`, `?`, `[abc]`, `[a-z]`, `[^a]`, and a backslash before what is meant as it is. By bytes, read
 * as latin1. Matching takes time in proportion to text times pattern, whatever the pattern.
 */
export function globMatches(pattern: string, text: string): boolean {
  let [at, from] = [0, 0];
  let star: { readonly at: number; from: number } | undefined;
  while (from < text.length) {
    const step = stepOf(pattern, at);
    if (step?.kind === 'any') {
      // As most patterns end: whatever is left matches.
      if (step.next === pattern.length) return true;
      star = { at: step.next, from };
      at = step.next;
    } else if (step?.accepts(text.charCodeAt(from)) === true) {
      at = step.next;
      from += 1;
    } else if (star !== undefined) {
      star.from += 1;
      [at, from] = [star.at, star.from];
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** What every match begins with. */
export function globPrefix(pattern: string): string {
  return /^[^*?[\\]*/.exec(pattern)?.[0] ?? '';
}

type Step =
  | { readonly kind: 'any'; readonly next: number }
  | { readonly kind: 'one'; readonly next: number; readonly accepts: (code: number) => boolean };

function stepOf(pattern: string, at: number): Step | undefined {
  const char = pattern[at];
  if (char === undefined) return undefined;
  if (char === '*') return { kind: 'any', next: at + 1 };
  if (char === '?') return { kind: 'one', next: at + 1, accepts: () => true };
  if (char === '[') return classOf(pattern, at);
  const escaped = char === '\\' && at + 1 < pattern.length ? at + 1 : at;
  const wanted = pattern.charCodeAt(escaped);
  return { kind: 'one', next: escaped + 1, accepts: (code) => code === wanted };
}

/** One that is not closed goes to the end of the pattern. */
function classOf(pattern: string, at: number): Step {
  const isNegated = pattern[at + 1] === '^';
  const ranges: (readonly [number, number])[] = [];
  let next = at + (isNegated ? 2 : 1);
  while (next < pattern.length && pattern[next] !== ']') {
    if (pattern[next] === '\\' && next + 1 < pattern.length) next += 1;
    const from = pattern.charCodeAt(next);
    const isRange = pattern[next + 1] === '-' && next + 2 < pattern.length && pattern[next + 2] !== ']';
    const to = isRange ? pattern.charCodeAt(next + 2) : from;
    ranges.push([Math.min(from, to), Math.max(from, to)]);
    next += isRange ? 3 : 1;
  }
  const accepts = (code: number): boolean =>
    ranges.some(([from, to]) => code >= from && code <= to) !== isNegated;
  return { kind: 'one', next: Math.min(next + 1, pattern.length), accepts };
}
