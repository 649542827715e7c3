import type { DotJson } from '../protocol/api.js';
import { formatDotJson } from '../view/formatClock.js';
import type { Paint } from '../view/style.js';
import { Canvas } from '../view/canvas.js';
import { flightsOf, type Flight } from './flights.js';
import type { Ink } from '../view/ink.js';
import type { TimelineEvent } from './timeline.js';

/** A pause longer than this gets a row of its own. */
const pauseFromMs = 300;
const timeWidth = 8;
const firstX = 10;
const spacing = 21;
/** Where slow messages run downwards: so far left of the right one of the two lifelines between which they do. */
const laneOffsets = [4, 7, 10, 13];

/**
 * Space and time: a lifeline per node from top to bottom, and an arrow for every update that reaches a node. `●` is an
 * update becoming visible, `◌` one that waits for another (the node's lifeline is dotted meanwhile), `○` a read. A slow
 * update runs down beside a lifeline until it arrives. 80 columns are enough for three nodes.
 */
export function spaceTimeDiagram(
  nodes: readonly string[],
  events: readonly TimelineEvent[],
  paint: Paint,
): string[] {
  return new Drawing(nodes, events).draw(events).lines(paint);
}

class Drawing {
  readonly #canvas = new Canvas();
  readonly #nodes: readonly string[];
  readonly #flights: readonly Flight[];
  /** Slow flights on their way, each with the column in which it runs downwards. */
  readonly #lanes = new Map<Flight, number>();
  /** Per node, the updates that wait. */
  readonly #waiting: readonly Set<string>[];
  #y = 0;

  constructor(nodes: readonly string[], events: readonly TimelineEvent[]) {
    this.#nodes = nodes;
    this.#flights = flightsOf(nodes, events);
    this.#waiting = nodes.map(() => new Set());
  }

  draw(events: readonly TimelineEvent[]): Canvas {
    for (const [index, name] of this.#nodes.entries()) {
      this.#canvas.put(xOf(index) - Math.floor(name.length / 2), 0, name, 'plain');
    }
    let lastMs = -1;
    for (const event of events) {
      if (event.at_ms - lastMs > pauseFromMs) this.#row('⋮');
      this.#row(event.at_ms === lastMs ? '' : `${event.at_ms} ms`);
      this.#event(event);
      lastMs = event.at_ms;
    }
    this.#row('');
    return this.#canvas;
  }

  /** Starts a row with the lifelines and the lanes in use. */
  #row(time: string): void {
    this.#y += 1;
    this.#canvas.put(0, this.#y, time.padStart(timeWidth), 'faint');
    for (const laneX of this.#lanes.values()) this.#canvas.put(laneX, this.#y, '┊', 'waiting');
    for (const [index, { size }] of this.#waiting.entries()) {
      this.#canvas.put(xOf(index), this.#y, size > 0 ? '┊' : '│', size > 0 ? 'waiting' : 'plain');
    }
  }

  #event(event: TimelineEvent): void {
    const node = this.#nodes.indexOf(event.node);
    switch (event.kind) {
      case 'read':
        return this.#mark(node, '○', [event.label], 'read');
      case 'written':
        this.#mark(node, '●', [event.label], 'written');
        return this.#depart(this.#flights.filter((flight) => flight.isSlow && isOf(flight, event.dot)));
      case 'waiting':
        this.#arrive(event, 'waiting');
        this.#waiting[node]?.add(formatDotJson(event.dot));
        return this.#mark(node, '◌', waitLabels(event), 'waiting');
      case 'delivered':
        this.#arrive(event, 'delivered');
        this.#waiting[node]?.delete(formatDotJson(event.dot));
        return this.#mark(node, '●', [event.label], 'delivered');
    }
  }

  /** A symbol on a lifeline and, right of it, the first of the labels that fits. */
  #mark(node: number, symbol: string, labels: readonly string[], ink: Ink): void {
    const x = xOf(node);
    const isPointedAt = this.#canvas.at(x + 1, this.#y) === '◀';
    const room = node === this.#nodes.length - 1 ? Infinity : spacing - 5;
    const label =
      labels.find(({ length }) => length <= room) ?? `${(labels.at(-1) ?? '').slice(0, room - 1)}…`;
    this.#canvas.put(x, this.#y, symbol, ink);
    if (isPointedAt) this.#canvas.put(x + 3, this.#y, ` ${label} `, ink);
    else this.#canvas.put(x + 2, this.#y, label, ink);
  }

  /** The slow flights of one write leave together, in a row of their own; the furthest is drawn first. */
  #depart(flights: readonly Flight[]): void {
    if (flights.length === 0) return;
    this.#row('');
    const byDistance = flights.toSorted((left, right) => distance(right) - distance(left));
    for (const flight of byDistance) {
      const laneX = this.#freeLane(flight);
      const isPassed = this.#canvas.at(laneX, this.#y) !== ' ';
      this.#line(xOf(flight.from), laneX, '┄', 'waiting');
      this.#canvas.put(laneX, this.#y, isPassed ? '┬' : isRightward(flight) ? '╮' : '╭', 'waiting');
      this.#lanes.set(flight, laneX);
    }
  }

  /** Draws the way of the update that arrives with this event, if it came from another node. */
  #arrive(event: TimelineEvent, ink: Ink): void {
    const flight = this.#flights.find(({ arrival }) => arrival === event);
    if (flight === undefined) return;
    const laneX = this.#lanes.get(flight);
    this.#lanes.delete(flight);
    const targetX = xOf(flight.to);
    this.#line(laneX ?? xOf(flight.from), targetX, laneX === undefined ? '─' : '┄', ink);
    if (laneX !== undefined) this.#canvas.put(laneX, this.#y, isRightward(flight) ? '╰' : '╯', ink);
    this.#canvas.put(targetX + (isRightward(flight) ? -1 : 1), this.#y, isRightward(flight) ? '▶' : '◀', ink);
  }

  /** From one column to the one before another, across lifelines and below lanes. */
  #line(startX: number, endX: number, character: string, ink: Ink): void {
    const step = Math.sign(endX - startX);
    for (let x = startX; x !== endX; x += step) {
      const lifeline = this.#nodes.findIndex((_name, index) => xOf(index) === x);
      if (lifeline >= 0) this.#cross(x, x === startX ? step : 0);
      else if (this.#canvas.at(x, this.#y) !== '┊') this.#canvas.put(x, this.#y, character, ink);
    }
  }

  /** Where a line crosses a lifeline, or starts at it: to the right (1), to the left (-1). */
  #cross(x: number, startsTo: number): void {
    const before = this.#canvas.at(x, this.#y);
    const isFresh = before === '│' || before === '┊';
    const joint = startsTo > 0 ? '├' : startsTo < 0 ? '┤' : '┼';
    this.#canvas.put(x, this.#y, isFresh || before === joint ? joint : '┼', 'plain');
  }

  #freeLane(flight: Flight): number {
    const rightX = xOf(isRightward(flight) ? flight.to : flight.to + 1);
    const used = new Set(this.#lanes.values());
    const columns = laneOffsets.map((offset) => rightX - offset);
    return columns.find((x) => !used.has(x)) ?? rightX - 1;
  }
}

function waitLabels({ label, missing }: Extract<TimelineEvent, { kind: 'waiting' }>): string[] {
  return [`${label} waits for ${formatDotJson(missing)}`, `${label} waits`];
}

function xOf(node: number): number {
  return firstX + node * spacing;
}

function isRightward({ from, to }: Flight): boolean {
  return to > from;
}

function distance({ from, to }: Flight): number {
  return Math.abs(to - from);
}

function isOf(flight: Flight, dot: DotJson): boolean {
  return formatDotJson(flight.dot) === formatDotJson(dot);
}
