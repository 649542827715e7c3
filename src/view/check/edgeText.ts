import type { WitnessEdge } from '../../check/report.js';

/** What an edge of a witness says, with the numbers of its ends as people see them, from 1. */
export function edgeText({ from, to, kind }: WitnessEdge): string {
  const [source, target] = [from + 1, to + 1];
  switch (kind) {
    case 'session':
      return `${source} comes before ${target} in its session`;
    case 'reads':
      return `${target} returned what ${source} wrote`;
    case 'before':
      return `${source} must come before ${target}, because of what was read`;
    case 'misses':
      return `${target} should have returned what ${source} wrote, or something later`;
  }
}

/** The kinds of edge that are drawn as arrows: a session's order shows in its line. */
export type ArrowKind = Exclude<WitnessEdge['kind'], 'session'>;

/** The same for a legend. */
export const arrowMeanings: Readonly<Record<ArrowKind, string>> = {
  reads: 'returned what was written',
  before: 'must come before, because of what was read',
  misses: 'should have been returned, or something later',
};

export function isArrow(edge: WitnessEdge): edge is WitnessEdge & { readonly kind: ArrowKind } {
  return edge.kind !== 'session' && edge.from !== edge.to;
}
