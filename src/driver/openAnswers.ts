import type { Dot } from '../core/clock/dot.js';
import type { AppliedUpdate } from '../core/step.js';
import type { KvcError } from '../errors.js';

/** Who waits for a write, without a promise. One of the two is called, once. */
export interface WriteAnswer {
  /** It is durable and visible here. @param applied - if it was asked for */
  written(dot: Dot, applied: AppliedUpdate | undefined): void;
  failed(error: KvcError): void;
}

/** One who waits, in the list of all: it names its request. */
export class OpenAnswer {
  readonly answer: WriteAnswer;
  isOpen = true;
  before: OpenAnswer | undefined;
  after: OpenAnswer | undefined;

  constructor(answer: WriteAnswer, before: OpenAnswer | undefined) {
    this.answer = answer;
    this.before = before;
  }
}

/** Those who wait for a write, in the order in which they began. They are a list, for each is looked for by nothing but itself. */
export class OpenAnswers {
  #last: OpenAnswer | undefined;

  add(answer: WriteAnswer): OpenAnswer {
    const open = new OpenAnswer(answer, this.#last);
    if (this.#last !== undefined) this.#last.after = open;
    this.#last = open;
    return open;
  }

  /** @returns undefined if it was taken before */
  take(open: OpenAnswer): WriteAnswer | undefined {
    if (!open.isOpen) return undefined;
    const { before, after } = open;
    if (before !== undefined) before.after = after;
    if (after !== undefined) after.before = before;
    if (this.#last === open) this.#last = before;
    open.isOpen = false;
    open.before = undefined;
    open.after = undefined;
    return open.answer;
  }

  /** The newest first. */
  takeAll(): WriteAnswer[] {
    const all: WriteAnswer[] = [];
    for (let open = this.#last; open !== undefined; open = this.#last) {
      const answer = this.take(open);
      if (answer !== undefined) all.push(answer);
    }
    return all;
  }
}
