import type { KnownNode } from './knownNode.js';

/** A node that does not answer costs this much of a call, while there are others to ask. */
const shareMsMax = 1000;
/** An attempt that has less than this is not made: nothing could answer in time. */
const attemptMsMin = 20;
const pauseMsFirst = 50;
const pauseMsMax = 500;

/** Whom to ask next, and for how long. */
export interface Turn {
  readonly node: KnownNode;
  readonly shareMs: number;
  /** How long to wait before. */
  readonly pauseMs: number;
}

/**
 * The way of one call over the nodes. While there are others that may answer, each has at most a third of what is left and
 * at most a second; the last one that nothing is known against has all of the rest. When all have failed, and time is left,
 * they are asked again: a node that was killed is back within about a second.
 */
export class Route {
  readonly #candidates: () => readonly KnownNode[];
  readonly #totalMs: number;
  #untried: KnownNode[];
  #stuckAt: KnownNode | undefined;
  #rounds = 0;
  #turns = 0;

  /** @param candidates - in the order in which they are to be asked now */
  constructor(candidates: () => readonly KnownNode[], totalMs: number) {
    this.#candidates = candidates;
    this.#totalMs = totalMs;
    this.#untried = [...candidates()];
  }

  /** From now on no other node will do. */
  stayAt(node: KnownNode): void {
    this.#stuckAt = node;
  }

  /** Asks the node once more before any other. */
  repeat(node: KnownNode): void {
    this.#untried.unshift(node);
  }

  /** @returns undefined when the time is over, or what is left of it is worth nothing */
  next(remainingMs: number): Turn | undefined {
    const isAgain = this.#untried.length === 0 || this.#stuckAt !== undefined;
    const pauseMs = isAgain ? this.#pauseMs() : 0;
    const leftMs = remainingMs - pauseMs;
    if (leftMs < this.#leastMs) return undefined;
    this.#turns += 1;
    if (this.#stuckAt !== undefined) return { node: this.#stuckAt, shareMs: leftMs, pauseMs };
    if (isAgain) this.#untried = [...this.#candidates()];
    const node = this.#untried.shift();
    return node === undefined ? undefined : { node, shareMs: this.#shareMs(node, leftMs), pauseMs };
  }

  /** Another attempt at the end of the time would only make it unknown what became of a write. */
  get #leastMs(): number {
    const isFurther = this.#turns > 0 && this.#stuckAt === undefined;
    return isFurther ? Math.max(attemptMsMin, this.#totalMs / 10) : attemptMsMin;
  }

  #pauseMs(): number {
    this.#rounds += 1;
    return Math.min(pauseMsMax, pauseMsFirst * 2 ** (this.#rounds - 1));
  }

  #shareMs(node: KnownNode, leftMs: number): number {
    const isAlone = this.#candidates().every((each) => each === node);
    const isLastHope = !node.isAvoided && this.#untried.every((other) => other.isAvoided);
    return isAlone || isLastHope ? leftMs : Math.min(shareMsMax, leftMs / 3);
  }
}
