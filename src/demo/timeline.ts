import type { ClockJson, DotJson } from '../protocol/api.js';

/** Something that was seen at one node. Times are in ms since the first event. */
export type TimelineEvent = { readonly at_ms: number; readonly node: string } & (
  | { readonly kind: 'written' | 'delivered'; readonly dot: DotJson; readonly label: string }
  | { readonly kind: 'waiting'; readonly dot: DotJson; readonly label: string; readonly missing: DotJson }
  | { readonly kind: 'read'; readonly label: string }
);

/** A moment of the timeline, and its place among the facts that are seen at the same time. */
export interface Moment {
  readonly atMs: number;
  readonly order: number;
}

type Fact = { readonly node: string; readonly moment: Moment } & (
  | { readonly kind: 'written' | 'delivered'; readonly dot: DotJson }
  | { readonly kind: 'waiting'; readonly dot: DotJson; readonly missing: DotJson }
  | { readonly kind: 'read'; readonly label: string }
);

/**
 * What became of every update at every node, put together from what nodes answer: vectors say what is delivered, lists
 * of pending updates what waits. Each fact is recorded once, when it is first seen, so a time is late by up to the
 * interval between two looks, and a wait that is shorter than that goes unseen.
 */
export class Timeline {
  readonly #now: () => number;
  readonly #facts: Fact[] = [];
  readonly #labels = new Map<string, string>();
  readonly #waited = new Set<string>();
  /** Per node and origin, the highest counter known to be delivered. */
  readonly #delivered = new Map<string, number>();
  #order = 0;

  /** @param now - in ms, of the clock that the nodes' times are of */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** To be taken before a write is sent: nothing that follows from the write comes before it in `events`. */
  moment(): Moment {
    this.#order += 1;
    return { atMs: this.#now(), order: this.#order };
  }

  written(dot: DotJson, label: string, moment: Moment): void {
    this.name(dot, label);
    this.#facts.push({ kind: 'written', node: dot.node, dot, moment });
  }

  /** Says what an update is called. One without a name is called by its dot. */
  name(dot: DotJson, label: string): void {
    this.#labels.set(textOf(dot), label);
  }

  /** An update waits at a node since a time of that node's clock. */
  waiting(node: string, dot: DotJson, missing: DotJson, sinceMs: number): void {
    const fact = waitAt(node, dot);
    if (this.#waited.has(fact)) return;
    this.#waited.add(fact);
    const moment = { ...this.moment(), atMs: sinceMs };
    this.#facts.push({ kind: 'waiting', node, dot, missing, moment });
  }

  /** A node's vector: all that it covers is delivered there. */
  clock(node: string, clock: ClockJson): void {
    const news = Object.entries(clock).flatMap(([origin, counter]) => this.#news(node, origin, counter));
    // Of updates that are first seen at one time, those that had been waiting came last: they waited for the others.
    const inOrder = news.toSorted(
      (left, right) => this.#hasWaited(node, left) - this.#hasWaited(node, right),
    );
    for (const dot of inOrder) this.#facts.push({ kind: 'delivered', node, dot, moment: this.moment() });
  }

  read(node: string, label: string): void {
    this.#facts.push({ kind: 'read', node, label, moment: this.moment() });
  }

  /** In the order of time. No update is anywhere before it is written. */
  events(): TimelineEvent[] {
    const writtenAt = new Map<string, Moment>();
    for (const fact of this.#facts) {
      if (fact.kind === 'written') writtenAt.set(textOf(fact.dot), fact.moment);
    }
    const inOrder = this.#facts
      .map((fact) => ({ ...fact, moment: notBefore(fact, writtenAt) }))
      .sort((left, right) => left.moment.atMs - right.moment.atMs || left.moment.order - right.moment.order);
    const startMs = inOrder[0]?.moment.atMs ?? 0;
    return inOrder.map((fact) => this.#event(fact, startMs));
  }

  #event({ moment, ...fact }: Fact, startMs: number): TimelineEvent {
    const at_ms = Math.round(moment.atMs - startMs);
    if (fact.kind === 'read') return { at_ms, ...fact };
    return { at_ms, ...fact, label: this.#labels.get(textOf(fact.dot)) ?? textOf(fact.dot) };
  }

  #news(node: string, origin: string, counter: number): DotJson[] {
    const entry = `${node} ${origin}`;
    const known = this.#delivered.get(entry) ?? 0;
    if (origin === node || counter <= known) return [];
    this.#delivered.set(entry, counter);
    return Array.from({ length: counter - known }, (_, index) => ({
      node: origin,
      counter: known + 1 + index,
    }));
  }

  #hasWaited(node: string, dot: DotJson): number {
    return this.#waited.has(waitAt(node, dot)) ? 1 : 0;
  }
}

/** A node counts its waits in whole ms, so one may seem to begin before the write that waits. */
function notBefore(fact: Fact, writtenAt: ReadonlyMap<string, Moment>): Moment {
  const written = 'dot' in fact ? writtenAt.get(textOf(fact.dot)) : undefined;
  return { ...fact.moment, atMs: Math.max(fact.moment.atMs, written?.atMs ?? 0) };
}

function waitAt(node: string, dot: DotJson): string {
  return `${node} ${textOf(dot)}`;
}

function textOf({ node, counter }: DotJson): string {
  return `${node}:${counter}`;
}
