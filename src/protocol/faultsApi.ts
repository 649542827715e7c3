import type { DotJson } from './api.js';

/** The JSON of the faults of a node's links. */

/** One rule on one link of the node that holds it (`source`). Rules that one command made share their id. */
export type FaultRuleJson = {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** When the rule ends by itself, in ms since 1970; null: when it is cleared. */
  readonly expires_at_ms: number | null;
  /** 0 to 2^32 - 1: decides all that the rule leaves to chance. */
  readonly seed: number;
} & FaultEffectJson;

/** What a rule does to the messages of its link. `percent` is above 0 and at most 100. */
export type FaultEffectJson =
  /** Each message waits for `delay_ms`, give or take up to `jitter_ms`. */
  | { readonly kind: 'delay'; readonly delay_ms: number; readonly jitter_ms: number }
  /** Messages queue until they are stepped or released. */
  | { readonly kind: 'hold' }
  /** So many messages are lost. */
  | { readonly kind: 'drop'; readonly percent: number }
  /** So many messages are sent twice. */
  | { readonly kind: 'duplicate'; readonly percent: number }
  /** So many messages wait a little, so that later ones overtake them. */
  | { readonly kind: 'reorder'; readonly percent: number }
  /** All messages are lost. */
  | { readonly kind: 'partition' };

/** What a fault does, in one word. */
export type FaultKind = FaultEffectJson['kind'];

/** GET /faults, and the answer to every change of them. */
export interface FaultsResponseJson {
  readonly node: string;
  readonly faults: readonly FaultRuleJson[];
  /** The links of this node that have a rule or have had a message. */
  readonly links: readonly LinkTrafficJson[];
}

/** What waits on a link, and what became of its messages since the node started. */
export interface LinkTrafficJson extends LinkCountsJson {
  readonly source: string;
  readonly target: string;
  /** How many messages wait now: in the queue of a hold, and for the time that a delay or a reordering gave each. */
  readonly held: number;
  readonly delayed: number;
  /** The dots of the updates that wait, in the order of their departure; at most 16. */
  readonly updates: readonly DotJson[];
  /** Per kind of the rules that stand on the link: on how many messages each has acted since it came into force. */
  readonly acted: { readonly [Kind in FaultKind]?: number };
}

/** How many messages a link was given since the node started, and to how many of them what was done. */
export interface LinkCountsJson {
  readonly messages: number;
  /** Lost, to a drop or to a partition. */
  readonly dropped: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** These two count a second copy as well, and each part of a message that was stepped through. */
  readonly delayed_total: number;
  readonly held_total: number;
}

/** POST /faults: adds rules; one of the same kind on the same link is replaced. `id` and `seed` are made up when absent. */
export interface FaultsRequestJson {
  readonly faults: readonly FaultInputJson[];
}

/** One rule of POST /faults. */
export type FaultInputJson = {
  readonly id?: string;
  readonly target: string;
  readonly expires_at_ms?: number | null;
  readonly seed?: number;
} & FaultEffectJson;

/** POST /faults/step: lets the first updates that a held link holds back through, one message each. */
export interface StepRequestJson {
  readonly target: string;
  readonly count?: number;
}

/** The answer to POST /faults/step: what was let through, and how much is still held. */
export interface StepResponseJson {
  readonly released: readonly DotJson[];
  readonly held: number;
}
