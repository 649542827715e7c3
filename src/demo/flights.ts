import type { DotJson } from '../protocol/api.js';
import { formatDotJson } from '../view/formatClock.js';
import type { TimelineEvent } from './timeline.js';

/** A message that takes longer than this is slow, even if nothing else happens meanwhile. */
const slowFromMs = 400;

/** An update on its way from the node that wrote it to another one. Nodes are given by their index. */
export interface Flight {
  readonly dot: DotJson;
  readonly from: number;
  readonly to: number;
  /** The event with which it arrives; undefined if it has not. */
  readonly arrival: TimelineEvent | undefined;
  /** Something else happens while it is on its way, so that it is drawn as being so for several rows. */
  readonly isSlow: boolean;
}

/** For every update that was seen to be written, its way to every other node. */
export function flightsOf(nodes: readonly string[], events: readonly TimelineEvent[]): Flight[] {
  return events.flatMap((event, index) => {
    if (event.kind !== 'written') return [];
    const later = events.slice(index + 1);
    const targets = nodes.filter((name) => name !== event.node);
    return targets.map((target) => {
      const arrival = later.find((each) => each.node === target && isAbout(each, event.dot));
      const [from, to] = [nodes.indexOf(event.node), nodes.indexOf(target)];
      return { dot: event.dot, from, to, arrival, isSlow: isSlow(event, arrival, later) };
    });
  });
}

function isSlow(
  { dot, at_ms }: { readonly dot: DotJson; readonly at_ms: number },
  arrival: TimelineEvent | undefined,
  later: readonly TimelineEvent[],
): boolean {
  if (arrival === undefined || arrival.at_ms - at_ms > slowFromMs) return true;
  return later.slice(0, later.indexOf(arrival)).some((event) => !isAbout(event, dot));
}

function isAbout(event: TimelineEvent, dot: DotJson): boolean {
  return event.kind !== 'read' && formatDotJson(event.dot) === formatDotJson(dot);
}
