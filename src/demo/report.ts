import type { ClockJson } from '../protocol/api.js';
import type { DeliveryMode } from '../core/delivery.js';
import type { ScenarioName } from './scenarioNames.js';
import type { TimelineEvent } from './timeline.js';

/** How a line of narration is meant: as it should be, held back, or wrong. */
export type Tone = 'plain' | 'good' | 'wait' | 'bad';

/** A claim about the store, and whether what clients saw bears it out. */
export interface DemoCheck {
  readonly claim: string;
  readonly holds: boolean;
  /** What the claim was judged by, such as the number of reads. */
  readonly observed: string;
}

/** A node's vector after a step; null for a node that does not answer. */
export type ClocksByNode = Readonly<Record<string, ClockJson | null>>;

/** What happens on the stage, in order. The narration and the report are two readers of it. */
export type DemoEvent =
  /** The cluster is there. */
  | { readonly kind: 'ready'; readonly elapsedMs: number; readonly delivery: DeliveryMode }
  | { readonly kind: 'step'; readonly number: number; readonly command: string }
  | { readonly kind: 'effect'; readonly text: string; readonly tone: Tone }
  | { readonly kind: 'clocks'; readonly clocks: ClocksByNode }
  | { readonly kind: 'remark'; readonly text: string }
  /** Something is being waited for. Replaces the previous line of its kind; of no interest afterwards. */
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'check'; readonly check: DemoCheck };

export interface DemoStep {
  readonly number: number;
  /** What one would type. */
  readonly command: string;
  /** What it printed, and what was seen to follow from it. */
  readonly effects: readonly string[];
  readonly remarks: readonly string[];
  readonly clocks: ClocksByNode;
}

/** The outcome of a scenario: what `kvc demo --json` prints. */
export interface DemoReport {
  readonly scenario: ScenarioName;
  readonly delivery: DeliveryMode;
  readonly steps: readonly DemoStep[];
  /** When each update was written, began to wait, and became visible, as seen from outside. */
  readonly timeline: readonly TimelineEvent[];
  readonly checks: readonly DemoCheck[];
  /** `anomaly` if a check does not hold. */
  readonly verdict: 'consistent' | 'anomaly';
}
