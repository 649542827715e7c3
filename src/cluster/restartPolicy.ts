import type { ErrorCode } from '../errors.js';

/** How a node failed. */
export interface NodeFailure {
  /** In one line for people. */
  readonly reason: string;
  /** What the node said of it; undefined if it said nothing. */
  readonly code: ErrorCode | undefined;
}

export type RestartDecision =
  | { readonly kind: 'retry'; readonly pauseMs: number }
  | { readonly kind: 'give up'; readonly reason: string };

const pauseMinMs = 100;
const pauseMaxMs = 5000;

/** So many failures of one kind, each soon after the one before: another attempt would end like these. */
const alikeMax = 20;

/** What another attempt cannot mend. Lost or damaged data it can: the node loads them from the others. */
const finalCodes: readonly (ErrorCode | undefined)[] = [
  'KVC_E_REMOVED',
  'KVC_E_DATA_FOREIGN',
  'KVC_E_FORMAT_UNKNOWN',
  'KVC_E_DOT_REUSED',
];

/** Whether a node that failed is started again, and after how long: each time later, and not for ever. Pure. */
export class RestartPolicy {
  #failures = 0;
  #kind = '';
  #alike = 0;

  decide(failure: NodeFailure): RestartDecision {
    const { reason, code } = failure;
    if (finalCodes.includes(code)) return { kind: 'give up', reason };
    this.#count(failure);
    if (this.#alike >= alikeMax) {
      return { kind: 'give up', reason: `${reason}; it failed like this ${alikeMax} times in a row` };
    }
    return {
      kind: 'retry',
      pauseMs: Math.min(pauseMaxMs, pauseMinMs * 2 ** Math.min(this.#failures - 1, 10)),
    };
  }

  /** The node ran well for a while, or somebody started it by hand: what was before does not count any more. */
  forget(): void {
    this.#failures = 0;
    this.#alike = 0;
  }

  #count({ reason, code }: NodeFailure): void {
    const isNamed = code !== undefined && code !== 'KVC_E_START_FAILED';
    const kind = isNamed ? code : reason;
    this.#alike = kind === this.#kind ? this.#alike + 1 : 1;
    this.#kind = kind;
    this.#failures += 1;
  }
}
