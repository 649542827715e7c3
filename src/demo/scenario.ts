import type { ScenarioName } from './scenarioNames.js';
import type { Stage } from './stage.js';

/** One story about causality, played on a cluster of node1, node2 and node3. */
export interface Scenario {
  readonly name: ScenarioName;
  readonly title: string;
  /** What is about to happen and which question it asks, in two or three sentences. */
  readonly story: string;
  /** Whether the promise breaks where delivery is fifo, or holds all the same. */
  readonly fifo: 'breaks' | 'holds';
  /**
   * Plays the story and states at least one check.
   * @throws KvcError KVC_E_VERDICT_UNKNOWN when the situation that the story is about did not come about
   */
  play(stage: Stage): Promise<void>;
}
