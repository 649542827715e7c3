import type { NodeName } from './ids.js';

/** A peer that every message to has failed for so long counts as unreached. */
export const unreachedAfterMs = 500;

/** A peer of which nothing was heard for so long counts as silent: even an idle one speaks every second. */
export const silentAfterMs = 3000;

/** Whether messages come through to a peer and from it, and what the peer says of its own peers. */
export class Reachability {
  #failingSinceMs: number | undefined;
  #heardAtMs: number;
  #unreached: readonly NodeName[] = [];

  constructor(nowMs: number) {
    this.#heardAtMs = nowMs;
  }

  /** The nodes that the peer cannot reach, as it said last. */
  get unreached(): readonly NodeName[] {
    return this.#unreached;
  }

  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** The peer answered: messages come through both ways. */
  answered(): void {
    this.#failingSinceMs = undefined;
  }

  failed(nowMs: number): void {
    this.#failingSinceMs ??= nowMs;
  }

  heard(unreached: readonly NodeName[], nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#unreached = unreached;
  }

  isSilent(nowMs: number): boolean {
    return nowMs >= this.#heardAtMs + silentAfterMs;
  }

  isUnreached(nowMs: number): boolean {
    return nowMs >= (this.#failingSinceMs ?? Infinity) + unreachedAfterMs || this.isSilent(nowMs);
  }

  /** When one of these judgements changes by the passing of time alone; Infinity if none will. */
  nextChangeMs(nowMs: number): number {
    const silentMs = this.#heardAtMs + silentAfterMs;
    const unreachedMs = (this.#failingSinceMs ?? Infinity) + unreachedAfterMs;
    return Math.min(silentMs > nowMs ? silentMs : Infinity, unreachedMs > nowMs ? unreachedMs : Infinity);
  }
}
